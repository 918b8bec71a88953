using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using LogPipeline.Tests.Engines;
using Microsoft.Playwright;
using Xunit;
using Header = Confluent.Kafka.Header;

namespace LogPipeline.Tests.Web.Browser;

/// <summary>The Kafka page and the Health page in a real browser, over the real host and a real broker.</summary>
[Collection(Alone.Name)]
public sealed class KafkaPageTests(KafkaServer kafka) : IAsyncLifetime
{
    private static readonly string[] Endpoints = ["/api/cart", "/api/orders", "/api/search", "/login", "/products/42"];
    private readonly ConcurrentQueue<string> complaints = [];
    private readonly string topic = WatchedPage.TakesPictures ? "web-logs" : $"web-logs-{Guid.NewGuid():N}";
    private KafkaCluster? own;
    private RunningHost host = null!;
    private OwnBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        OwnBrowser.Require();

        // The pictures show a broker that nobody else has topics on.
        var cluster = WatchedPage.TakesPictures ? own = await KafkaServer.StartPrivateAsync() : await kafka.GetAsync();
        host = await RunningHost.StartAsync(settings:
        [
            "Broker=Kafka", $"Kafka:Brokers={cluster.Brokers}", "Kafka:ConnectTimeout=60s", $"Kafka:GroupId={(WatchedPage.TakesPictures ? "ui-bridge-group" : "ui-bridge-" + topic)}", $"Streams:web-logs:Topic={topic}",
        ]);
        cluster.Produce(topic,
        [
            .. Enumerable.Range(0, 400).Select(number => new Message<string?, byte[]?> { Key = $"s-{number % 23}", Value = EventOf(number), Headers = [new Header("traceparent", Encoding.UTF8.GetBytes($"00-{number:x32}-{number:x16}-01"))] }),
            new() { Key = "last", Value = "<img src=x onerror=alert(1)>"u8.ToArray() },
            new() { Key = "last", Value = null },
        ]);
        await RunningHost.EventuallyAsync(IsStoredAsync, "the table holds what was produced");
        browser = await OwnBrowser.StartAsync();
    }

    [Fact]
    public async Task Topics_messages_and_lag_are_shown_in_dark_and_light_without_a_fault()
    {
        foreach (var scheme in new[] { ColorScheme.Dark, ColorScheme.Light })
        {
            await using var context = await browser!.Browser.NewContextAsync(new() { ColorScheme = scheme, ViewportSize = new() { Width = 1440, Height = 900 } });
            var page = await context.NewPageAsync();
            WatchedPage.Watch(page, host.Url, complaints);
            await ShowMessagesAsync(page, scheme);
            await ShowPartitionsAndSettingsAsync(page);
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

        if (own is not null)
        {
            await own.DisposeAsync();
        }
    }

    private static byte[] EventOf(int number) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"timestamp":{{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}},"level":"INFO","source":"shop","endpoint":"{{Endpoints[number % Endpoints.Length]}}","method":"GET","status":200,"response_time":{{8 + (number * 37 % 120)}}.5,"session_id":"s-{{number % 23}}","message":"event {{number}}"}"""));

    private async Task ShowMessagesAsync(IPage page, ColorScheme scheme)
    {
        await page.GotoAsync(host.Url + "/kafka?topic=" + topic);
        await page.WaitForFunctionAsync(WatchedPage.IsInteractive);
        await page.Locator(".topics a[aria-current=true]", new() { HasText = topic }).WaitForAsync();
        await page.Locator("td.value", new() { HasText = "tombstone" }).WaitForAsync();
        
        // Fifty at most, an equal share of each partition.
        Assert.Equal(48, await page.Locator(".list tbody tr").CountAsync());
        await page.Locator("td.value", new() { HasText = "onerror=alert(1)" }).ClickAsync();
        await page.Locator(".drawer", new() { HasText = "<img src=x onerror=alert(1)>" }).WaitForAsync();
        await page.Keyboard.PressAsync("Escape");
        await page.Locator(".drawer").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await page.Locator("td.value", new() { HasText = "event 39" }).First.ClickAsync();
        await page.Locator(".drawer .headers", new() { HasText = "traceparent" }).WaitForAsync();
        await WatchedPage.CheckAsync(page, "kafka", scheme);
    }

    private async Task ShowPartitionsAndSettingsAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Partitions", Exact = true }).ClickAsync();
        await page.WaitForFunctionAsync("() => { const rows = [...document.querySelectorAll('.list tbody tr')]; return rows.length === 3 && rows.every(row => row.lastElementChild.innerText.trim() === '0'); }");
        await page.GetByRole(AriaRole.Button, new() { Name = "Settings", Exact = true }).ClickAsync();
        await page.Locator("tr.set", new() { HasText = "retention.ms" }).WaitForAsync();
    }

    private async Task ShowHealthAsync(IPage page, ColorScheme scheme)
    {
        await page.GotoAsync(host.Url + "/health");
        await page.WaitForFunctionAsync(WatchedPage.IsInteractive);
        await page.Locator("section.kafka .brokers", new() { HasText = "controller" }).WaitForAsync();
        await page.Locator("section.kafka tr.sum td.lag", new() { HasText = "0" }).WaitForAsync();
        await WatchedPage.CheckAsync(page, "health-kafka", scheme);
    }

    private async Task<bool> IsStoredAsync()
    {
        using var health = await host.GetJsonAsync("/health");
        var conservation = health.RootElement.GetProperty("conservation");
        return conservation.GetProperty("stored").GetInt64() == 400 && conservation.GetProperty("inFlight").GetInt64() == 0;
    }
}
