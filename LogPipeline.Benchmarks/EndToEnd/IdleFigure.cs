using System.Diagnostics;
using System.Globalization;
using Microsoft.Playwright;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>What a demo at 50 events/s costs while one browser shows the dashboard.</summary>
internal static class IdleFigure
{
    public static async Task<string> MeasureAsync(Workspace workspace)
    {
        await using var host = await HostProcess.StartAsync("demo", workspace.PathOf("data"), "--rate", "50");
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(Chromium.Options);
        var page = await browser.NewPageAsync();
        await page.GotoAsync(host.Address.ToString());
        await Task.Delay(TimeSpan.FromMinutes(2));
        var before = MeasuredProcess.CpuOf(host.Id)!.Value;
        var watch = Stopwatch.StartNew();
        await Task.Delay(TimeSpan.FromMinutes(5));
        var share = (MeasuredProcess.CpuOf(host.Id)!.Value - before) / watch.Elapsed;
        var status = await File.ReadAllLinesAsync($"/proc/{host.Id}/status");
        var resident = status.First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"`demo` at 50 events/s, dashboard open in headless Chromium; mean of 5 min after 2 min: the host process takes **{share:0.0 %}** of one core and {long.Parse(resident, CultureInfo.InvariantCulture) / 1024.0:N0} MB of memory.\n");
    }
}
