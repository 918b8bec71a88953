using System.Globalization;
using Microsoft.Playwright;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>From producing an event to its text standing in the browser's document, seen by the document itself.</summary>
internal static class ScreenFigure
{
    private const int Rate = 1_000;

    // A mutation observer of our own: it does not believe the page's figure, it looks for the text.
    private const string Observer = """
        (() => {
          window.benchDelays = [];
          const seen = new Set();
          const look = text => {
            const match = /bench-(\d+)-(\d+)/.exec(text);
            if (!match || seen.has(match[1])) return;
            seen.add(match[1]);
            window.benchDelays.push(Date.now() - Number(match[2]));
          };
          const start = () => new MutationObserver(changes => {
            for (const change of changes) {
              if (change.type === 'characterData') look(change.target.data);
              for (const node of change.addedNodes) {
                const text = node.textContent || '';
                if (text.includes('bench-')) for (const part of text.matchAll(/bench-\d+-\d+/g)) look(part[0]);
              }
            }
          }).observe(document, { subtree: true, childList: true, characterData: true });
          start();
        })();
        """;

    public static async Task<string> MeasureAsync(Workspace workspace)
    {
        await using var host = await HostProcess.StartAsync("serve", workspace.PathOf("data"));
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(Chromium.Options);
        var page = await browser.NewPageAsync();
        await page.AddInitScriptAsync(Observer);
        await page.GotoAsync(new Uri(host.Address, "/tail").ToString());
        var sender = new EventSender(host.Client, Rate);
        await sender.RunAsync(TimeSpan.FromSeconds(15), CancellationToken.None);
        await page.EvaluateAsync("window.benchDelays = []");
        await sender.RunAsync(TimeSpan.FromSeconds(60), CancellationToken.None);
        var delays = await page.EvaluateAsync<double[]>("window.benchDelays");
        if (delays.Length < 1_000)
        {
            throw new InvalidOperationException($"The page showed {delays.Length} of {sender.Sent} events");
        }

        Array.Sort(delays);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP requests of {Rate / 50} events, 50 a second, for 60 s after 15 s; Live tail open in headless Chromium; {delays.Length:N0} events were seen in the document.\n\n| p50 | p95 | p99 | max |\n|---|---|---|---|\n| {Statistics.Percentile(delays, 0.5):0} ms | {Statistics.Percentile(delays, 0.95):0} ms | {Statistics.Percentile(delays, 0.99):0} ms | {delays[^1]:0} ms |\n\nGoAccess's real-time HTML report, measured before on the same kind of machine: p50 525 ms, max 1,002 ms.\n");
    }
}
