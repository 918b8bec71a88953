using LogPipeline.Core.Live;
using LogPipeline.Web.Components.Format;
using Microsoft.AspNetCore.Components;

namespace LogPipeline.Web.Components.Dashboard;

/// <summary>The eight figures of the present.</summary>
public sealed partial class MetricsGrid
{
    // A change is called worse only when it is more than noise.
    private const double WorsePoints = 0.1;
    private const double WorseErrors = 1.1;
    private const double WorseTimes = 1.25;
    private IReadOnlyList<Figure> tiles = Read(null);

    /// <summary>What is known; null while nothing is.</summary>
    [Parameter]
    public LiveSnapshot? Snapshot { get; set; }

    /// <summary>Time since the newest event was received.</summary>
    [Parameter]
    public TimeSpan? Age { get; set; }

    /// <summary>What the changes compare with, such as <c>vs previous 15 min</c>.</summary>
    [Parameter]
    public string? Compared { get; set; }

    /// <summary>Why nothing can be read; null when it can.</summary>
    [Parameter]
    public string? Fault { get; set; }

    /// <inheritdoc/>
    protected override void OnParametersSet() => tiles = Read(Snapshot);

    internal static IReadOnlyList<Figure> Read(LiveSnapshot? snapshot)
    {
        var now = snapshot?.Metrics;
        var before = snapshot?.Previous;
        var some = now?.Requests > 0;
        return
        [
            new("Events/s") { Value = now is null ? null : Numbers.Rate(now.EventsPerSecond), Change = Numbers.Change(now?.EventsPerSecond, before?.EventsPerSecond), Trend = Trend(snapshot, b => (double)b.Requests / b.Seconds) },
            new("Error rate")
            {
                Value = now is null ? null : some ? Numbers.Percent(now.ErrorRate) : Numbers.None, Unit = "%", Change = some && before?.Requests > 0 ? Numbers.Points(now?.ErrorRate, before?.ErrorRate) : null, Color = "--c5",
                Worse = now?.ErrorRate - before?.ErrorRate > WorsePoints && now?.ErrorRate > before?.ErrorRate * WorseErrors,
                Trend = Trend(snapshot, b => b.Requests == 0 ? 0 : (double)b.Errors / b.Requests),
            },
            new("Avg response")
            {
                Value = now is null ? null : Numbers.Ms(now.AverageResponseMs), Unit = "ms", Change = Numbers.Change(now?.AverageResponseMs, before?.AverageResponseMs), Color = "--p95",
                Worse = now?.AverageResponseMs > before?.AverageResponseMs * WorseTimes, Missing = some && now?.AverageResponseMs is null ? "the format has no response time" : null,
                Trend = Trend(snapshot, b => b.AverageMs),
            },
            new("p95 · p99")
            {
                Value = now is null ? null : now.P95Ms is null ? Numbers.None : $"{Numbers.Ms(now.P95Ms)} · {Numbers.Ms(now.P99Ms)}", Unit = "ms", Change = Numbers.Change(now?.P95Ms, before?.P95Ms), Color = "--p95",
                Worse = now?.P95Ms > before?.P95Ms * WorseTimes, Missing = some && now?.P95Ms is null ? "the format has no response time" : null,
                Trend = Trend(snapshot, b => b.P95Ms),
            },
            new("Active sessions")
            {
                Value = now is null ? null : (now.SessionsExact || now.ActiveSessions is null ? "" : "≈\u00A0") + Numbers.Count(now.ActiveSessions), Change = Numbers.Change(now?.ActiveSessions, before?.ActiveSessions),
                Missing = some && now?.ActiveSessions is null ? "the format has no session" : null, Trend = Trend(snapshot, b => b.Sessions),
            },
            new("Data processed")
            {
                Value = now is null ? null : Numbers.Megabytes(now.BytesProcessed), Unit = "MB", Change = Numbers.Change(now?.BytesProcessed, before?.BytesProcessed),
                Missing = some && now?.BytesProcessed is null ? "the format has no sizes" : null, Trend = Trend(snapshot, b => b.Bytes),
            },
            new("Total requests") { Value = now is null ? null : Numbers.Count(now.Requests), Change = Numbers.Change(now?.Requests, before?.Requests), Trend = Trend(snapshot, b => b.Requests) },
            new("Total errors")
            {
                Value = now is null ? null : Numbers.Count(now.Errors), Change = Numbers.Change(now?.Errors, before?.Errors), Color = "--c5",
                Worse = now?.Errors > before?.Errors * WorseErrors, Trend = Trend(snapshot, b => b.Errors),
            },
        ];
    }

    private static IReadOnlyList<double?> Trend(LiveSnapshot? snapshot, Func<LiveBucket, double?> value)
    {
        if (snapshot is null)
        {
            return [];
        }

        // The step that still fills would end every trend with a fall.
        var whole = snapshot.Series.Where(b => b.Start + b.Seconds <= snapshot.At.ToUnixTimeSeconds()).ToList();
        return [.. whole.Select(value)];
    }

    internal sealed record Figure(string Label)
    {
        public string? Value { get; init; }

        public string? Unit { get; init; }

        public string? Change { get; init; }

        public bool Worse { get; init; }

        public string? Missing { get; init; }

        public string Color { get; init; } = "--c2";

        public IReadOnlyList<double?> Trend { get; init; } = [];
    }
}
