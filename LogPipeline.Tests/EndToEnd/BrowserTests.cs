using System.Collections.Concurrent;
using System.Diagnostics;
using Deque.AxeCore.Playwright;
using LogPipeline.Tests.House;
using LogPipeline.Tests.Web.Browser;
using Microsoft.Playwright;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>The demo, as someone sees it who has just typed the first command of the README.</summary>
[Collection(Alone.Name)]
public sealed class BrowserTests : IClassFixture<DemoFixture>
{
    private readonly ConcurrentQueue<string> complaints = [];
    private readonly DemoFixture demo;

    public BrowserTests(DemoFixture demo)
    {
        OwnBrowser.Require();
        this.demo = demo;
    }

    /// <summary>With LOGPIPELINE_UPDATE=1 the pictures of docs/images are made anew.</summary>
    [Theory]
    [InlineData("dashboard", "/", ".chart .apexcharts-series path")]
    [InlineData("livetail", "/tail", ".row .c-message")]
    [InlineData("query", "/query", ".samples button")]
    [InlineData("health", "/health", "main h1")]
    [InlineData("dead-letters", "/dead-letters", "main h1")]
    [InlineData("api", "/scalar", "text=LogPipeline")]
    public async Task Every_page_lives_in_dark_and_light_without_a_fault(string name, string path, string sign)
    {
        await SendOneBadEventAsync();
        foreach (var scheme in new[] { ColorScheme.Dark, ColorScheme.Light })
        {
            await using var context = await demo.Browser.NewContextAsync(new() { ColorScheme = scheme, ViewportSize = new() { Width = 1440, Height = 900 } });
            var page = await OpenAsync(context, path);
            await page.Locator(sign).First.WaitForAsync();
            if (name == "query")
            {
                await page.Locator(".samples button").First.ClickAsync();
                await page.Locator(".result [role='cell']").First.WaitForAsync();
            }

            // The API page is a vendor's; only its requests are ours to answer for.
            if (name != "api")
            {
                var axe = await page.RunAxe();
                Assert.Empty(axe.Violations.Where(fault => fault.Impact is "serious" or "critical").Select(fault => $"{path}: {fault.Id}: {fault.Nodes[0].Html}"));
            }

            var picture = await page.ScreenshotAsync();
            Assert.True(picture.Length > 20_000, $"The picture of {path} is nearly empty");
            if (Environment.GetEnvironmentVariable("LOGPIPELINE_UPDATE") == "1")
            {
                await File.WriteAllBytesAsync(
                    Repository.PathOf("docs", "images", $"{name}-{(scheme == ColorScheme.Dark ? "dark" : "light")}.png"), picture, TestContext.Current.CancellationToken);
            }
        }

        Assert.Empty(complaints);
    }

    [Fact]
    public async Task The_three_sample_queries_return_rows()
    {
        await using var context = await demo.Browser.NewContextAsync(new() { ViewportSize = new() { Width = 1440, Height = 900 } });
        await UntilFilledInAsync();
        var page = await OpenAsync(context, "/query");
        Assert.Equal(3, await page.Locator(".samples button").CountAsync());
        for (var index = 0; index < 3; index++)
        {
            await WatchedPage.RunSampleAsync(page, index);
        }

        Assert.Empty(complaints);
    }

    [Fact]
    public async Task An_address_that_leads_nowhere_says_so_in_a_page()
    {
        await using var context = await demo.Browser.NewContextAsync(new() { ViewportSize = new() { Width = 390, Height = 844 } });
        var page = await context.NewPageAsync();
        var answer = await page.GotoAsync(new Uri(demo.Host.Address, "/no/such/page").ToString());
        Assert.Equal(404, answer!.Status);
        await page.WaitForFunctionAsync(WatchedPage.IsInteractive);
        await page.Locator("a[href='/query']:visible").First.WaitForAsync();
        Assert.Contains("no/such/page", await page.Locator("main .empty").InnerTextAsync(), StringComparison.Ordinal);
        using var program = await demo.Host.Client.GetAsync(new Uri("/no/such/page", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal((System.Net.HttpStatusCode.NotFound, 0L), (program.StatusCode, program.Content.Headers.ContentLength));
    }

    [Fact]
    public async Task A_request_of_the_API_page_is_sent_to_this_host_and_answered()
    {
        await using var context = await demo.Browser.NewContextAsync(new() { ViewportSize = new() { Width = 1440, Height = 900 } });
        var page = await OpenAsync(context, "/scalar#tag/live/GET/api/metrics");
        await page.GetByRole(AriaRole.Button, new() { Name = "Test Request" }).Filter(new() { HasText = "/api/metrics" }).First.ClickAsync();
        var send = page.GetByRole(AriaRole.Button, new() { Name = "Send" }).First;
        // What the page reads out for the button names the whole address.
        await page.GetByText($"Send get request to {new Uri(demo.Host.Address, "/api/metrics")}", new() { Exact = true }).First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        var answer = await page.RunAndWaitForResponseAsync(() => send.ClickAsync(), response => new Uri(response.Url).AbsolutePath == "/api/metrics");
        Assert.Equal(200, answer.Status);
        await page.GetByText("eventsPerSec").Last.WaitForAsync();
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task An_open_page_recovers_by_itself_after_the_host_was_killed_and_started_again()
    {
        await using var context = await demo.Browser.NewContextAsync(new() { ViewportSize = new() { Width = 1440, Height = 900 } });
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(demo.Host.Address, "/?where=level%3DERROR&last=30m").ToString());
        await page.Locator(".tile .value").First.WaitForAsync();
        await page.EvaluateAsync("window.before = true");

        // Others of this class want the whole day before.
        await UntilFilledInAsync();
        await demo.Host.KillAsync();
        await page.Locator("#connection:not([hidden])").WaitForAsync();
        await demo.Host.StartAgainAsync();
        var watch = Stopwatch.StartNew();
        await page.WaitForFunctionAsync("() => window.before !== true && document.documentElement.dataset.interactive === '1' && /\\d/.test(document.querySelector('.tile .value')?.innerText ?? '')");

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.EndsWith("/?where=level%3DERROR&last=30m", page.Url, StringComparison.Ordinal);
    }

    private async Task SendOneBadEventAsync()
    {
        using var answer = await demo.Host.PostAsync("{\"status\":\"two hundred\",\"message\":\"<b>bold</b>\"}\n", TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.UnprocessableEntity, answer.StatusCode);
    }

    /// <summary>Waits until the day before is in the table: a sample that is run earlier rightly has no rows.</summary>
    private async Task UntilFilledInAsync()
    {
        while (true)
        {
            using var body = new StringContent("""{"query":"SELECT count(*) AS n FROM delta_lake.logs"}""", System.Text.Encoding.UTF8, "application/json");
            using var answer = await demo.Host.Client.PostAsync(new Uri("/api/query", UriKind.Relative), body, TestContext.Current.CancellationToken);
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (answer.IsSuccessStatusCode && System.Text.Json.JsonDocument.Parse(text).RootElement.GetProperty("results")[0].GetProperty("n").GetInt64() > 45_000)
            {
                return;
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private async Task<IPage> OpenAsync(IBrowserContext context, string path)
    {
        var page = await context.NewPageAsync();
        WatchedPage.Watch(page, demo.Host.Address.ToString(), complaints);
        await page.GotoAsync(new Uri(demo.Host.Address, path).ToString());
        if (!path.StartsWith("/scalar", StringComparison.Ordinal))
        {
            await page.WaitForFunctionAsync(WatchedPage.IsInteractive);
        }

        return page;
    }
}
