using System.Collections.Concurrent;
using System.Text.Json;
using LogPipeline.Core.Query;
using LogPipeline.Tests.Web;
using LogPipeline.Tests.Web.Browser;
using LogPipeline.Web.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>A demo whose clock stands at 00:00:05 UTC: the day is five seconds old, and every sample still has rows.</summary>
[Collection(Alone.Name)]
public sealed class MidnightTests
{
    private static readonly DateTimeOffset Midnight = new(TimeProvider.System.GetUtcNow().UtcDateTime.Date.AddDays(1), TimeSpan.Zero);

    [Fact]
    public async Task The_three_samples_return_rows_in_the_browser_at_five_seconds_past_midnight()
    {
        OwnBrowser.Require();
        var clock = new StoppableClock(Midnight.AddSeconds(-10));
        await using var host = await RunningHost.StartAsync(customise: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        using var stop = new CancellationTokenSource();
        var traffic = new DemoTraffic(host.Services, seed: 1, rate: 20).RunAsync(stop.Token);
        await UntilRowsAsync(host, "SELECT count(*) AS n FROM delta_lake.logs", 45_000);
        clock.StopAt(Midnight.AddSeconds(5));
        await UntilRowsAsync(host, "SELECT count(*) AS n FROM delta_lake.logs WHERE timestamp >= current_date()", 50);
        Assert.Equal(0, await ReadAsync(host, "SELECT unix_micros(current_timestamp()) - unix_micros(timestamp'" + Midnight.UtcDateTime.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) + "T00:00:05Z') AS n"));

        await using var browser = await OwnBrowser.StartAsync();
        await using var context = await browser.Browser.NewContextAsync(new() { ViewportSize = new() { Width = 1440, Height = 900 } });
        var complaints = new ConcurrentQueue<string>();
        var page = await context.NewPageAsync();
        WatchedPage.Watch(page, host.Url, complaints);
        await page.GotoAsync(host.Url + "/query");
        await page.WaitForFunctionAsync(WatchedPage.IsInteractive);
        for (var index = 0; index < SampleQueries.All.Count; index++)
        {
            await WatchedPage.RunSampleAsync(page, index);
        }

        Assert.Empty(complaints);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => traffic);
    }

    private static Task UntilRowsAsync(RunningHost host, string sql, long rows) =>
        RunningHost.EventuallyAsync(async () => Directory.Exists(Path.Combine(host.Folder, "lake", "logs", "_delta_log")) && await ReadAsync(host, sql) >= rows, $"{rows} rows of {sql}");

    private static async Task<long> ReadAsync(RunningHost host, string sql)
    {
        using var answer = await host.PostAsync("/api/query", JsonSerializer.Serialize(new { query = sql }), "application/json");
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        using var json = JsonDocument.Parse(text);
        return json.RootElement.GetProperty("results")[0].GetProperty("n").GetInt64();
    }

    /// <summary>Runs beside the system's clock until it is stopped at an instant. Timers and time spans go on.</summary>
    private sealed class StoppableClock(DateTimeOffset start) : TimeProvider
    {
        private readonly TimeSpan ahead = start - System.GetUtcNow();
        private DateTimeOffset? stopped;

        public override DateTimeOffset GetUtcNow() => stopped ?? (System.GetUtcNow() + ahead);

        public void StopAt(DateTimeOffset instant) => stopped = instant;
    }
}
