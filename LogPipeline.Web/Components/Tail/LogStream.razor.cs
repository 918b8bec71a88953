using System.Diagnostics.CodeAnalysis;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Live;
using LogPipeline.Core.Query;
using LogPipeline.Web.Components.Format;
using LogPipeline.Web.Components.State;
using LogPipeline.Web.Components.Status;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace LogPipeline.Web.Components.Tail;

/// <summary>The rows of a stream as they arrive. Rows go to the browser with each signal of the live view; the frame around them renders once a second.</summary>
/// <remarks>
/// One push is on its way at a time, and its answer measures the latency. Signals that come meanwhile are taken up by the next one, so a
/// slow connection gets fewer, larger pushes and never a queue. Everything runs in the circuit's context.
/// </remarks>
[SuppressMessage("Naming", "CA1711", Justification = "The part's name in the product; it is not an I/O stream.")]
public sealed partial class LogStream : IAsyncDisposable
{
    private const int FirstRows = 300;
    private const int CompactRows = 40;
    private const int MostAtOnce = 500;
    private const int MostAfterPause = 2000;
    private static readonly TimeSpan CountPeriod = TimeSpan.FromMilliseconds(250);
    private readonly string id = Guid.NewGuid().ToString("N");
    private readonly CancellationTokenSource gone = new();
    private ElementReference view;
    private IJSObjectReference? script;
    private DotNetObjectReference<LogStream>? self;
    private ILiveView? live;
    private TailFeed? feed;
    private TailHistory? history;
    private IDisposable? subscription;
    private IReadOnlyList<TailColumn> columns = TailColumns.Parse(null);
    private Func<string, IReadOnlyList<int>?>? marks;
    private ViewState shown = new();
    private bool pumping;
    private bool again;
    private long listening = long.MaxValue;
    private long counted;
    private long waiting;
    private long dropped;
    private long passedRate;
    private long seenRate;
    private TimeSpan? lastLine;
    private LiveStatus status = new(false, 0, 0, 0, 0, 0, 0, 0);
    private long lastReceived;
    private DateTimeOffset pausedSince;
    private string? reason;

    /// <summary>Whether it is the small list of the dashboard.</summary>
    [Parameter]
    public bool Compact { get; set; }

    /// <summary>A row was chosen for its detail.</summary>
    [Parameter]
    public EventCallback<EventPosition> OnRow { get; set; }

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    [Inject]
    private BrowserTime Clock { get; set; } = null!;

    [Inject]
    private PageState State { get; set; } = null!;

    [Inject]
    private PageStreams Streams { get; set; } = null!;

    [Inject]
    private PageCommands Commands { get; set; } = null!;

    [Inject]
    private CircuitLatency Latency { get; set; } = null!;

    private bool Paused => State.Current.PausedAt is not null;

    private string? Reason => reason is null ? null : $", because {reason}";

    private string? Reach => status.OldestMicros == 0 ? null : Ages.Coarse(Time.GetUtcNow() - BrowserTime.FromMicros(status.OldestMicros));

    private string Summary => Paused
        ? $"paused · {Numbers.Count(waiting)} new"
        : $"last line {(lastLine is { } age ? Ages.Text(age) : Numbers.None)} ago · {Numbers.Count(passedRate)} lines/s · {Numbers.Count(dropped)} dropped";

    private IReadOnlyList<string> Extra => [.. columns.Where(column => column.Extra).Select(column => column.Key)];

    /// <summary>The reader scrolled away from the newest row.</summary>
    [JSInvokable]
    public void OnScrolledAway() => Pause("you scrolled up");

    /// <summary>A row was clicked.</summary>
    [JSInvokable]
    public async Task OnOpen(string at)
    {
        if (EventPosition.TryParse(at, out var position))
        {
            if (!Compact && !Paused)
            {
                reason = "a row is open";
            }

            await OnRow.InvokeAsync(position);
        }
    }

    /// <summary>A value was chosen or ruled out.</summary>
    [JSInvokable]
    public void OnFilter(string field, string value, bool exclude) =>
        State.Apply(view => exclude ? view.With(new FilterTerm(field, value, true)) : view.WithOnly(field, value));

    /// <summary>Rows before the oldest one in the list.</summary>
    [JSInvokable]
    public async Task<TailBatch> OnOlder(string oldest)
    {
        if (feed is null || history is null || !EventPosition.TryParse(oldest, out var position))
        {
            return TailBatch.Empty;
        }

        try
        {
            var rows = await history.ReadAsync(feed.Filter, position, FirstRows, gone.Token);
            return rows.Count > 0 ? Batch(rows, [])
                : new TailBatch([], [new(feed.Filter.IsEmpty ? "The stream begins here. " : "No older line passes the filter. ")], null, []);
        }
        catch (QueryException failure)
        {
            return new TailBatch([], [new($"Older lines cannot be read now: {failure.Message} ", "/query", "Query the table")], null, []);
        }
    }

    /// <summary>The position shown as newest, for the address of a paused view.</summary>
    internal EventPosition? Newest => feed?.Newest;

    /// <summary>Where this view reads; for the export of what matches.</summary>
    internal ILiveView? Live => live;

    /// <summary>Pauses, with a reason that is shown.</summary>
    internal void Pause(string? why)
    {
        if (!Paused && feed is not null)
        {
            reason = why;
            var at = feed.Newest ?? new EventPosition(0, 0);
            State.Apply(current => current with { PausedAt = at }, replace: true);
        }
    }

    /// <summary>Goes on.</summary>
    internal void Resume() => State.Apply(current => current with { PausedAt = null, Row = null }, replace: true);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await gone.CancelAsync();
        subscription?.Dispose();
        State.Changed -= OnStateChanged;
        Commands.Pressed -= OnKeyAsync;
        try
        {
            if (script is not null)
            {
                await script.InvokeVoidAsync("dispose", id);
                await script.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The page left first.
        }

        self?.Dispose();
        gone.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        columns = Chosen(State.Current);
        State.Changed += OnStateChanged;
        Commands.Pressed += OnKeyAsync;
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        live = Streams.Live(State.Stream);
        if (live is null)
        {
            return;
        }

        self = DotNetObjectReference.Create(this);
        script = await Js.InvokeAsync<IJSObjectReference>("import", "/js/tail.js");
        await script.InvokeVoidAsync("create", id, view, columns, self, Compact);
        feed = new TailFeed(live);
        history = new TailHistory(live, Streams.Pages, State.Stream);
        await RestartAsync();

        // First subscribed, then read on from what was shown: nothing falls between.
        listening = BrowserTime.ToMicros(Time.GetUtcNow());
        subscription = live.Subscribe(() => InvokeAsync(PumpAsync));
        _ = LookAsync(gone.Token);
        await PumpAsync();
    }

    private async Task RestartAsync()
    {
        shown = State.Current;
        columns = Chosen(shown);
        marks = TextMarks.For(shown.Filter);
        RecentPage page;
        try
        {
            page = feed!.Start(shown.Filter, Compact ? CompactRows : FirstRows, shown.PausedAt);
        }
        catch (ArgumentException)
        {
            // The pattern is not finished yet; the search field says what is wrong with it. The old rows stay.
            return;
        }

        pausedSince = Time.GetUtcNow();
        waiting = 0;
        Note(page.Rows);
        await script!.InvokeVoidAsync("reset", id, Batch(page.Rows, []), columns);
        if (shown.PausedAt is not null)
        {
            await script!.InvokeVoidAsync("follow", id, false);
        }

        if (shown.Row is { } row)
        {
            await script!.InvokeVoidAsync("mark", id, row.ToString());
        }

        StateHasChanged();
    }

    private async Task PumpAsync()
    {
        again = true;
        if (pumping || script is null)
        {
            return;
        }

        pumping = true;
        try
        {
            while (again && !gone.IsCancellationRequested)
            {
                again = false;
                if (!feed!.Paused)
                {
                    await PushAsync(feed.Read(MostAtOnce));
                }
                else if (Time.GetElapsedTime(counted) >= CountPeriod)
                {
                    counted = Time.GetTimestamp();
                    feed.Count();
                    if (waiting != feed.Waiting)
                    {
                        waiting = feed.Waiting;
                        StateHasChanged();
                    }
                }
            }
        }
        catch (Exception left) when (left is JSDisconnectedException or OperationCanceledException or ObjectDisposedException)
        {
            // The page left while a push was on its way.
        }
        finally
        {
            pumping = false;
        }
    }

    private async Task PushAsync(RecentPage page)
    {
        if (page.Rows.Count == 0 && page.Missed == 0)
        {
            return;
        }

        List<TailNote> notes = [];
        if (page.Missed > 0)
        {
            notes.Add(new($"{Numbers.Count(page.Missed)} lines are no longer in memory. ", "/query", "Read them from the table"));
        }

        if (page.Skipped > 0)
        {
            notes.Add(new($"{Numbers.Count(page.Skipped)} lines dropped from this view; all are stored. ", "/query", "Query"));
        }

        Note(page.Rows);
        var rows = page.Rows;
        var sent = Time.GetUtcNow();
        var browser = await script!.InvokeAsync<double>("push", gone.Token, id, Batch(rows, notes));
        var answered = Time.GetUtcNow();

        // What had arrived before this view listened waited for the page, not for the pipeline.
        if (rows.Count > 0 && rows[0].ReceivedAtMicros >= listening)
        {
            Latency.Add(rows[0].ReceivedAtMicros, sent, answered, browser);
            Latency.Add(rows[rows.Count / 2].ReceivedAtMicros, sent, answered, browser);
            Latency.Add(rows[^1].ReceivedAtMicros, sent, answered, browser);
        }
    }

    private async Task LookAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), Time);
        try
        {
            do
            {
                if (feed!.Paused)
                {
                    feed.Count();
                    waiting = feed.Waiting;
                }

                (seenRate, passedRate) = feed.TakeSeen();
                dropped = feed.Dropped;
                status = live!.Status;
                lastLine = lastReceived == 0 ? null : Time.GetUtcNow() - BrowserTime.FromMicros(lastReceived);
                StateHasChanged();
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // The component left.
        }
        catch (Exception failure)
        {
            await DispatchExceptionAsync(failure);
        }
    }

    private void OnStateChanged() => InvokeAsync(FollowStateAsync);

    private async Task FollowStateAsync()
    {
        if (script is null || feed is null)
        {
            return;
        }

        var next = State.Current;
        try
        {
            if (next.Filter != shown.Filter || next.Columns != shown.Columns)
            {
                await RestartAsync();
            }
            else if (next.PausedAt is not null && !feed.Paused)
            {
                shown = next;
                feed.Pause();
                waiting = 0;
                pausedSince = Time.GetUtcNow();
                await script.InvokeVoidAsync("follow", id, false);
                StateHasChanged();
            }
            else if (next.PausedAt is null && feed.Paused)
            {
                shown = next;
                await ContinueAsync();
            }

            if (next.Row != shown.Row)
            {
                await script.InvokeVoidAsync("mark", id, next.Row?.ToString());
            }

            shown = next;
        }
        catch (JSDisconnectedException)
        {
            // The page left first.
        }
    }

    private async Task ContinueAsync()
    {
        reason = null;
        waiting = 0;
        var page = feed!.Resume(MostAfterPause);
        if (page.Skipped > 0)
        {
            // More waited than a list holds: it begins anew with the newest of them, and scrolling up brings the others.
            await script!.InvokeVoidAsync("reset", id, Batch(page.Rows, []), columns);
        }
        else
        {
            List<TailNote> notes = page.Missed > 0 ? [new($"{Numbers.Count(page.Missed)} lines are no longer in memory. ", "/query", "Read them from the table")] : [];
            await script!.InvokeAsync<double>("push", id, Batch(page.Rows, notes));
        }

        Note(page.Rows);
        await script!.InvokeVoidAsync("follow", id, true);
        StateHasChanged();
        await PumpAsync();
    }

    private void TogglePause()
    {
        if (Paused)
        {
            Resume();
        }
        else
        {
            Pause(null);
        }
    }

    private Task OnKeyAsync(string key) => InvokeAsync(async () =>
    {
        switch (key)
        {
            case " ":
                TogglePause();
                break;
            case "End" when Paused:
                Resume();
                break;
            case "j" or "k" or "e" or "E" when script is not null && !Compact:
                Pause("a row is chosen");
                var at = await script.InvokeAsync<string?>("move", id, key);
                if (State.Current.Row is not null && EventPosition.TryParse(at, out var position))
                {
                    await OnRow.InvokeAsync(position);
                }

                break;
            case "Enter" when script is not null && !Compact:
                if (EventPosition.TryParse(await script.InvokeAsync<string?>("selected", id), out var chosen))
                {
                    await OnRow.InvokeAsync(chosen);
                }

                break;
        }
    });

    private void Note(IReadOnlyList<LogRow> rows)
    {
        if (rows.Count > 0)
        {
            lastReceived = Math.Max(lastReceived, rows[^1].ReceivedAtMicros);
        }
    }

    /// <summary>The columns of a view. A source that is the same in every row needs none.</summary>
    private static IReadOnlyList<TailColumn> Chosen(ViewState view)
    {
        var all = TailColumns.Parse(view.Columns);
        var same = view.Columns is null && view.Filter.Terms.Count(term => term is { Field: "source", Exclude: false }) == 1;
        return same ? [.. all.Where(column => column.Key != "source")] : all;
    }

    private TailBatch Batch(IReadOnlyList<LogRow> rows, IReadOnlyList<TailNote> notes) => new(rows, notes, marks, Extra);
}
