using LogPipeline.Core.Live;
using LogPipeline.Web.Components.Charts;

namespace LogPipeline.Web.Components.Dashboard;

/// <summary>A snapshot as the three charts of the dashboard draw it.</summary>
/// <param name="VolumeData">Requests per second by status class.</param>
/// <param name="ErrorData">Error rate in percent.</param>
/// <param name="TimeData">Percentiles in milliseconds.</param>
/// <param name="LastVolume">Newest whole step of the first.</param>
/// <param name="LastError">Of the second.</param>
/// <param name="LastTimes">Of the third.</param>
internal sealed record DashboardCharts(ChartData VolumeData, ChartData ErrorData, ChartData TimeData, double?[] LastVolume, double? LastError, double?[] LastTimes)
{
    public const double AlertPercent = 2;

    // Good traffic and trouble have scales of their own: at 1 % errors their layers would vanish beside the rest.
    public static ChartConfig Volume { get; } = new(
        ChartKind.Columns,
        [new("5xx", "--c5"), new("4xx", "--c4"), new("3xx", "--c3"), new("2xx", "--c2")],
        [new([2, 3], 94, 2), new([0, 1], 66, 2)])
    { Order = [3, 2, 1, 0], Named = true };

    public static ChartConfig Errors { get; } = new(ChartKind.Lines, [new("error rate", "--c5") { Area = true }], [new([0], 168)])
    {
        Unit = "%", Floor = 4, Limit = AlertPercent,
    };

    public static ChartConfig Times { get; } = new(
        ChartKind.Lines,
        [new("p50", "--p50") { Dash = 2 }, new("p95", "--p95"), new("p99", "--p99") { Width = 2 }],
        [new([0, 1, 2], 168)])
    { Unit = "ms", Order = [2, 1, 0], LabelWidth = 40 };

    public static DashboardCharts Read(LiveSnapshot snapshot)
    {
        var buckets = Whole(snapshot);
        var step = buckets.Count == 0 ? 1 : buckets[0].Seconds;
        var start = buckets.Count == 0 ? snapshot.At.ToUnixTimeSeconds() : buckets[0].Start;
        IReadOnlyList<ChartBand> bands = [.. snapshot.Anomalies.Select(Band)];
        double?[] Each(Func<LiveBucket, double?> value) => [.. buckets.Select(b => Round(value(b)))];
        double?[][] volume =
        [
            Each(b => (double)b.Status5xx / b.Seconds), Each(b => (double)b.Status4xx / b.Seconds),
            Each(b => (double)b.Status3xx / b.Seconds), Each(b => (double)b.Status2xx / b.Seconds),
        ];
        var errors = Each(b => b.Requests == 0 ? null : b.Errors * 100.0 / b.Requests);
        double?[][] times = [Each(b => b.P50Ms), Each(b => b.P95Ms), Each(b => b.P99Ms)];
        return new(
            new(start, step, volume, bands), new(start, step, [errors], bands), new(start, step, times, bands),
            [.. volume.Select(Last)], Last(errors), [.. times.Select(Last)]);
    }

    /// <summary>The steps that are over. One that still fills would look like a fall.</summary>
    public static IReadOnlyList<LiveBucket> Whole(LiveSnapshot snapshot)
    {
        var now = snapshot.At.ToUnixTimeSeconds();
        var count = snapshot.Series.Count;
        return count > 1 && snapshot.Series[^1].Start + snapshot.Series[^1].Seconds > now ? [.. snapshot.Series.Take(count - 1)] : snapshot.Series;
    }

    public static ChartBand Band(AnomalyBand band) => new(band.Start, Math.Max(band.End, band.Start + 1), Name(band), band.Explanation);

    private static string Name(AnomalyBand band)
    {
        var kind = band.Kind switch
        {
            "error-burst" => "error burst",
            _ => band.Kind,
        };
        return band.Endpoint is null ? kind : $"{kind} · {band.Endpoint}";
    }

    private static double? Last(double?[] values) => values.Length == 0 ? null : values[^1];

    private static double? Round(double? value) => value is { } number && double.IsFinite(number) ? Math.Round(number, 2) : null;
}
