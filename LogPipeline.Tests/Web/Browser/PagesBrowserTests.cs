using System.Collections.Concurrent;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;

namespace LogPipeline.Tests.Web.Browser;

/// <summary>Dashboard and live tail in a real browser, over the real stages.</summary>
public sealed class PagesBrowserTests(PagesFixture pages) : IClassFixture<PagesFixture>
{
    private readonly ConcurrentQueue<string> complaints = [];

    [Theory]
    [InlineData("/", ColorScheme.Dark, 1440)]
    [InlineData("/", ColorScheme.Light, 390)]
    [InlineData("/tail", ColorScheme.Light, 1440)]
    [InlineData("/tail", ColorScheme.Dark, 390)]
    public async Task A_page_has_no_serious_fault_no_error_and_asks_no_other_host(string path, ColorScheme scheme, int width)
    {
        await using var context = await OpenAsync(scheme, width);
        var page = await ShowAsync(context, path);
        await pages.AppendAsync(PagesFixture.Now("an error of " + path, "ERROR", 503), PagesFixture.Now("a line of " + path));
        await page.Locator(".row.error .c-message", new() { HasText = "an error of " + path }).First.WaitForAsync();
        var axe = await page.RunAxe();
        Assert.Empty(axe.Violations.Where(v => v.Impact is "serious" or "critical").Select(v => $"{v.Id}: {v.Nodes[0].Html}"));
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task The_tail_pauses_and_goes_on_with_nothing_missed_and_nothing_twice()
    {
        await using var context = await OpenAsync(ColorScheme.Dark, 1440);
        var page = await ShowAsync(context, "/tail?q=once-");
        var first = (await pages.AppendAsync(PagesFixture.Now("once-0"))).First;
        await page.Locator(".row").First.WaitForAsync();
        using var stop = new CancellationTokenSource();

        // A page that is late shows the newest 500 rows and counts the others: all rounds together send fewer, however slow they are. Of the 30 batches
        // of 5 that a round allows, 10 come once the page is paused.
        using var allowed = new SemaphoreSlim(0);
        var sent = 1;
        var sender = Task.Run(async () =>
        {
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
            try
            {
                for (; await pace.WaitForNextTickAsync(stop.Token); sent += 5)
                {
                    await allowed.WaitAsync(stop.Token);
                    await pages.AppendAsync([.. Enumerable.Range(sent, 5).Select(i => PagesFixture.Now("once-" + i))]);
                }
            }
            catch (OperationCanceledException)
            {
            }
        }, TestContext.Current.CancellationToken);
        for (var round = 0; round < 3; round++)
        {
            allowed.Release(20);
            await page.Keyboard.PressAsync("Space");
            await page.Locator(".paused").WaitForAsync();
            allowed.Release(10);
            await page.WaitForFunctionAsync("() => /[1-9]/.test(document.querySelector('.paused b')?.textContent ?? '')");
            await page.Keyboard.PressAsync("End");
            await page.Locator(".paused").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        }

        await stop.CancelAsync();
        await sender;
        Assert.True(sent > 15, $"{sent} events were sent");
        await page.Locator(".row", new() { HasText = $"once-{sent - 1}" }).WaitForAsync();
        var shown = await page.EvaluateAsync<string[]>("async () => (await import('/js/tail.js')).positions()");
        Assert.Equal(Enumerable.Range(0, sent).Select(i => $"0:{first + i}"), shown);
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task Hostile_text_stays_text_and_a_row_opens_with_every_field()
    {
        await using var context = await OpenAsync(ColorScheme.Dark, 1440);
        var page = await ShowAsync(context, "/tail");
        var range = await pages.AppendAsync(PagesFixture.Now("<img src=x onerror=alert(1)><script>alert(2)</script>", "ERROR", 504));
        await page.Locator(".row .c-message", new() { HasText = "onerror=alert(1)" }).ClickAsync();
        await page.Locator(".drawer .message", new() { HasText = "<script>alert(2)</script>" }).WaitForAsync();
        Assert.Contains($"row=0%3A{range.First}", page.Url, StringComparison.Ordinal);
        await page.Keyboard.PressAsync("Escape");
        await page.Locator(".drawer").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task The_latency_from_receipt_to_screen_is_measured_and_shown()
    {
        await using var context = await OpenAsync(ColorScheme.Dark, 1440);
        var page = await ShowAsync(context, "/");
        for (var i = 0; i < 20; i++)
        {
            await pages.AppendAsync(PagesFixture.Now("measured " + i));
            await page.Locator(".row", new() { HasText = "measured " + i }).Last.WaitForAsync();
        }

        await page.WaitForFunctionAsync("() => /\\d ms/.test(document.querySelector('.latency').innerText)");
    }

    [Fact]
    public async Task A_menu_is_opened_walked_and_left_with_the_keyboard_alone()
    {
        await using var context = await OpenAsync(ColorScheme.Dark, 1440);
        var page = await ShowAsync(context, "/");
        var opener = page.Locator("button[title='Time range']:visible");
        await opener.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.Locator(".menu button").First.WaitForAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("ArrowDown");
        await page.WaitForFunctionAsync("() => document.activeElement === document.querySelectorAll('.menu button')[1]");
        await page.Keyboard.PressAsync("Escape");
        await page.Locator(".menu").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await page.WaitForFunctionAsync("() => document.activeElement.title === 'Time range'");
        Assert.Empty(complaints);
    }

    private async Task<IBrowserContext> OpenAsync(ColorScheme scheme, int width)
    {
        Assert.SkipWhen(PagesFixture.Chromium is null, "Chromium is not installed");
        return await pages.Browser.NewContextAsync(new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = width < 600 ? 844 : 900 }, BypassCSP = false });
    }

    private async Task<IPage> ShowAsync(IBrowserContext context, string path)
    {
        var page = await context.NewPageAsync();
        WatchedPage.Watch(page, pages.Url, complaints);
        await page.GotoAsync(pages.Url + path);
        await page.WaitForFunctionAsync("() => document.documentElement.dataset.interactive === '1' && document.querySelector('.stream[data-listening]')");
        return page;
    }
}
