using LogPipeline.Core.Live;
using LogPipeline.Web.Components.Format;
using LogPipeline.Web.Components.State;
using Microsoft.AspNetCore.Components;

namespace LogPipeline.Web.Components.Dashboard;

/// <summary>The present at a glance: figures twice a second, charts and rankings once.</summary>
public sealed partial class Dashboard
{
    private const int Rows = 7;
    private const int MoreRows = 30;
    private IDisposable? subscription;
    private ILiveView? live;
    private volatile bool changed = true;
    private bool moved = true;
    private int ticks;
    private LiveSnapshot? snapshot;
    private LiveSnapshot? slow;
    private IReadOnlyDictionary<string, long>? levels;
    private DashboardCharts? charts;
    private TimeSpan? age;
    private string? fault;
    private bool allEndpoints;
    private bool allSources;

    /// <inheritdoc/>
    protected override TimeSpan Period => TimeSpan.FromMilliseconds(500);

    [Inject]
    private PageState State { get; set; } = null!;

    [Inject]
    private PageStreams Streams { get; set; } = null!;

    [Inject]
    private BrowserTime Clock { get; set; } = null!;

    private TimeRange Range => State.Current.Range;

    private double Seconds => slow is { Series: [var first, .., var last] } ? Math.Max(1, last.Start + last.Seconds - first.Start) : Range.Window.TotalSeconds;

    private bool IsEmpty => snapshot is { LastEventMicros: 0, Metrics.Requests: 0 };

    private string? StoppedAt => Range.To is null && age > Ages.Stale && snapshot is { LastEventMicros: > 0 } known ? Clock.Second(BrowserTime.FromMicros(known.LastEventMicros)) : null;

    private RenderFragment? Nothing => slow is { Metrics.Requests: 0 } && !IsEmpty ? NothingMatches : null;

    private RenderFragment? NoTimes => Nothing ?? (slow is { Metrics: { Requests: > 0, P95Ms: null } } ? builder => builder.AddContent(0, "not in this log: the format has no response time") : null);

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        State.Changed += OnStateChanged;
        Clock.Changed += OnStateChanged;
    }

    /// <inheritdoc/>
    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            live = Streams.Live(State.Stream);
            subscription = live?.Subscribe(() =>
            {
                changed = true;
                return Task.CompletedTask;
            });
        }

        base.OnAfterRender(firstRender);
    }

    /// <inheritdoc/>
    protected override Task TickAsync()
    {
        // A window moves on even when nothing arrives; then once a second is enough.
        var whole = ticks++ % 2 == 0;
        if (!changed && !moved && !whole)
        {
            return Task.CompletedTask;
        }

        changed = false;
        Look(whole || moved);
        moved = false;
        StateHasChanged();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        State.Changed -= OnStateChanged;
        Clock.Changed -= OnStateChanged;
        subscription?.Dispose();
    }

    private void Look(bool everything)
    {
        if (live is null)
        {
            fault = "no live view";
            return;
        }

        var filter = State.Current.Filter;
        var query = new LiveQuery(filter, Range.Window, Range.Buckets, Range.To);
        try
        {
            snapshot = live.Read(query);
            fault = null;
        }
        catch (ArgumentException wrong)
        {
            fault = wrong.Message;
            return;
        }

        age = snapshot.LastEventMicros == 0 ? null : Time.GetUtcNow() - BrowserTime.FromMicros(snapshot.LastEventMicros);
        if (everything)
        {
            slow = snapshot;
            charts = DashboardCharts.Read(snapshot);
            levels = LevelCounts.Read(live, query, snapshot);
        }
    }

    private void OnStateChanged() => InvokeAsync(() =>
    {
        moved = true;
        Look(true);
        StateHasChanged();
    });

    private void Zoom((long From, long To) range) => State.Apply(view => view with
    {
        Range = new TimeRange(TimeSpan.FromSeconds(Math.Max(10, range.To - range.From)), DateTimeOffset.FromUnixTimeSeconds(range.To)),
    });

    private void Pick(string field, string value)
    {
        var term = new FilterTerm(field, value);
        State.Apply(view => view.Has(term) ? view.Without(term) : view.WithOnly(field, value));
    }

    private static IReadOnlyList<TopRow> Shown(IReadOnlyList<TopRow>? rows, bool all) => rows is null ? [] : [.. rows.Take(all ? MoreRows : Rows)];

    private void NothingMatches(Microsoft.AspNetCore.Components.Rendering.RenderTreeBuilder builder)
    {
        var from = Clock.Minute(Range.From ?? (snapshot!.At - Range.Window));
        builder.AddContent(0, $"No requests match between {from} and {Clock.Minute(Range.To ?? snapshot!.At)}. ");
        if (!State.Current.Filter.IsEmpty)
        {
            builder.OpenElement(1, "a");
            builder.AddAttribute(2, "href", State.Path + ViewStateUrl.Query(State.Current with { Filter = EventFilter.None }));
            builder.AddContent(3, "Clear the filter");
            builder.CloseElement();
            builder.AddContent(4, " or ");
        }

        builder.OpenElement(5, "a");
        builder.AddAttribute(6, "href", State.Path + ViewStateUrl.Query(State.Current with { Range = TimeRange.Choices[^1] }));
        builder.AddContent(7, "last hour");
        builder.CloseElement();
    }
}
