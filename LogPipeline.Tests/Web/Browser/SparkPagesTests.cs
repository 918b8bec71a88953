using System.Collections.Concurrent;
using System.Globalization;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.Spark.Broker;
using Microsoft.Playwright;
using Xunit;

namespace LogPipeline.Tests.Web.Browser;

/// <summary>The Query page and the Health page in a real browser, with Spark as the query engine of the real host.</summary>
/// <remarks>With LOGPIPELINE_UPDATE=1 the host has a Kafka and a Spark of its own, and the pictures of docs/images are made anew.</remarks>
[Collection(SparkLakeTurns.Name)]
public sealed class SparkPagesTests(SparkConnectServer spark) : IAsyncLifetime
{
    private const string Endless = "SELECT level, max(hash(a.id * b.id)) AS furthest\nFROM delta_lake.logs, range(10000000) a, range(10000000) b\nGROUP BY level";
    private static readonly string[] Endpoints = ["/api/cart", "/api/orders", "/api/search", "/login", "/products/42"];
    private readonly ConcurrentQueue<string> complaints = [];
    private KafkaCluster? kafka;
    private RunningHost host = null!;
    private OwnBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        OwnBrowser.Require();
        host = await RunningHost.StartAsync(settings: ["Query:Engine=Spark", "Query:Timeout=10min", .. WatchedPage.TakesPictures ? await OwnAsync() : await SharedAsync()]);
        using (var sent = await host.PostAsync("/api/ingest/web-logs", string.Join('\n', Enumerable.Range(0, 300).Select(Line)), "application/x-ndjson"))
        {
            Assert.True(sent.IsSuccessStatusCode);
        }

        await RunningHost.EventuallyAsync(async () => await StoredAsync() == 300, "the rows are in the table");
        browser = await OwnBrowser.StartAsync();
    }

    [Fact]
    public async Task A_statement_is_answered_followed_and_cancelled_and_the_session_is_shown()
    {
        foreach (var scheme in new[] { ColorScheme.Dark, ColorScheme.Light })
        {
            await using var context = await browser!.Browser.NewContextAsync(new() { ColorScheme = scheme, ViewportSize = new() { Width = 1440, Height = 900 } });
            var page = await context.NewPageAsync();
            WatchedPage.Watch(page, host.Url, complaints);
            page.SetDefaultTimeout((float)RealSpark.Patience.TotalMilliseconds);
            await AskAsync(page, scheme);
            await ShowHealthAsync(page, scheme);
        }

        Assert.Empty(complaints);
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        if (host is not null)
        {
            await host.DisposeAsync();
        }

        if (kafka is not null)
        {
            await kafka.DisposeAsync();
        }
    }

    private static string Line(int number) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"level":"{{(number % 9 == 0 ? "ERROR" : "INFO")}}","source":"shop","endpoint":"{{Endpoints[number % Endpoints.Length]}}","method":"GET","status":{{(number % 9 == 0 ? 503 : 200)}},"response_time":{{8 + (number * 37 % 120)}}.5,"session_id":"s-{{number % 23}}","message":"event {{number}}"}""");

    private async Task AskAsync(IPage page, ColorScheme scheme)
    {
        var state = page.Locator(".middle .state");
        await page.GotoAsync(host.Url + "/query");
        await page.WaitForFunctionAsync(WatchedPage.IsInteractive);
        await page.GetByRole(AriaRole.Button, new() { Name = "Engine spark" }).WaitForAsync();
        await WatchedPage.RunSampleAsync(page, 0);
        Assert.Contains("· spark · version", await state.InnerTextAsync(), StringComparison.Ordinal);

        await page.GotoAsync($"{host.Url}/query?run=1&sql={Uri.EscapeDataString("SELECT endpoin FROM delta_lake.logs")}");
        await page.Locator("section.error", new() { HasText = "UNRESOLVED_COLUMN.WITH_SUGGESTION" }).WaitForAsync();
        await page.Locator("section.error", new() { HasText = "line 1, column 8" }).WaitForAsync();

        await page.GotoAsync($"{host.Url}/query?run=1&sql={Uri.EscapeDataString(Endless)}");
        await page.WaitForFunctionAsync("() => / of [1-9]\\d* tasks?/.test(document.querySelector('.middle .state').innerText)");
        await WatchedPage.CheckAsync(page, "query-spark", scheme);
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel", Exact = true }).ClickAsync();
        await page.Locator(".middle .state", new() { HasText = "Cancelled" }).WaitForAsync();
    }

    private async Task ShowHealthAsync(IPage page, ColorScheme scheme)
    {
        await page.GotoAsync(host.Url + "/health");
        await page.WaitForFunctionAsync(WatchedPage.IsInteractive);
        await page.Locator("section.spark", new() { HasText = "queries only" }).WaitForAsync();
        await page.Locator("section.spark header", new() { HasText = "4." }).WaitForAsync();
        await WatchedPage.CheckAsync(page, "health-kafka-spark", scheme);
    }

    private async Task<string[]> SharedAsync()
    {
        var server = await spark.GetAsync();
        await SparkLakeTurns.BeginAsync(server);
        return [$"Spark:Master=sc://127.0.0.1:{server.Port}", $"Spark:Token={server.Token}"];
    }

    private async Task<string[]> OwnAsync()
    {
        kafka = await KafkaServer.StartPrivateAsync();
        var own = RealSpark.Options();
        return
        [
            "Broker=Kafka", $"Kafka:Brokers={kafka.Brokers}", "Kafka:ConnectTimeout=60s",
            "Spark:Master=local[2]", "Spark:MemoryBytes=1GiB", $"Spark:Home={own.Home}", .. own.JavaHome is { Length: > 0 } java ? new[] { $"Spark:JavaHome={java}" } : [],
        ];
    }

    private async Task<long> StoredAsync()
    {
        using var health = await host.GetJsonAsync("/health");
        return health.RootElement.GetProperty("conservation").GetProperty("stored").GetInt64();
    }
}
