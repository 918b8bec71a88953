using LogPipeline.Core.Live;
using LogPipeline.Web.Components.Charts;
using LogPipeline.Web.Components.Dashboard;
using LogPipeline.Web.Components.State;
using Microsoft.AspNetCore.Components;

namespace LogPipeline.Web.Components.Tail;

/// <summary>Lines by level over time, in two lanes with scales of their own: four errors show beside a thousand lines.</summary>
public sealed partial class Histogram : IDisposable
{
    private static readonly ChartSeries[] Levels = [new("ERROR", "--c5"), new("WARN", "--c4"), new("DEBUG", "--c3"), new("INFO", "--c2")];
    private static readonly ChartConfig Both = Make(true, true);
    private static readonly ChartConfig Good = Make(true, false);
    private static readonly ChartConfig Trouble = Make(false, true);
    private ChartConfig config = Both;
    private ChartData? data;
    private LiveSnapshot? drawn;
    private int step = 10;

    /// <summary>What is known.</summary>
    [Parameter]
    public LiveSnapshot? Snapshot { get; set; }

    /// <summary>A stretch of time was chosen.</summary>
    [Parameter]
    public EventCallback<(long From, long To)> OnBrushed { get; set; }

    [Inject]
    private PageState State { get; set; } = null!;

    /// <inheritdoc/>
    public void Dispose() => State.Changed -= OnChanged;

    /// <inheritdoc/>
    protected override void OnInitialized() => State.Changed += OnChanged;

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        config = Hidden("INFO") && Hidden("DEBUG") ? Trouble : Hidden("WARN") && Hidden("ERROR") ? Good : Both;
        if (Snapshot is { } snapshot && snapshot != drawn)
        {
            drawn = snapshot;
            var buckets = DashboardCharts.Whole(snapshot);
            step = buckets.Count == 0 ? State.Current.Range.BucketSeconds : buckets[0].Seconds;
            double?[] Each(Func<LiveBucket, long> count) => [.. buckets.Select(b => (double?)Math.Round((double)count(b) / b.Seconds, 2))];
            data = new ChartData(
                buckets.Count == 0 ? 0 : buckets[0].Start, step,
                [Each(b => b.Error), Each(b => b.Warn), Each(b => b.Debug), Each(b => b.Info)],
                [.. snapshot.Anomalies.Select(DashboardCharts.Band)]);
        }
    }

    private static ChartConfig Make(bool good, bool trouble)
    {
        List<ChartLane> lanes = [];
        if (good)
        {
            lanes.Add(new([2, 3], trouble ? 60 : 92, 2));
        }

        if (trouble)
        {
            lanes.Add(new([0, 1], good ? 60 : 92, 2));
        }

        return new(ChartKind.Columns, Levels, lanes) { Order = [3, 2, 1, 0], LabelWidth = 38 };
    }

    private bool HasLane(int series) => config.Lanes.Any(lane => lane.Series.Contains(series));

    private bool Hidden(string level) => State.Current.Filter.Terms.Contains(new("level", level, true))
        || State.Current.Filter.Terms.Where(term => term is { Field: "level", Exclude: false }).ToList() is { Count: > 0 } only && only.TrueForAll(term => term.Value != level);

    private void OnChanged() => InvokeAsync(StateHasChanged);
}
