using LogPipeline.Core.EventLog;
using LogPipeline.Core.Live;
using LogPipeline.Web.Components.Dashboard;
using LogPipeline.Web.Components.Format;
using LogPipeline.Web.Components.State;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace LogPipeline.Web.Components.Tail;

/// <summary>The lines as they arrive: searched, filtered, paused, opened, exported.</summary>
public sealed partial class LiveTail
{
    private LogStream? stream;
    private ILiveView? live;
    private LiveSnapshot? snapshot;
    private IReadOnlyDictionary<string, long>? levels;
    private EventPosition? row;
    private string text = "";
    private string? problem;

    /// <inheritdoc/>
    protected override TimeSpan Period => TimeSpan.FromSeconds(1);

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    [Inject]
    private PageState State { get; set; } = null!;

    [Inject]
    private PageStreams Streams { get; set; } = null!;

    [Inject]
    private PageCommands Commands { get; set; } = null!;

    [Inject]
    private BrowserTime Clock { get; set; } = null!;

    private bool Paused => State.Current.PausedAt is not null;

    private IReadOnlyList<TailColumn> Columns => TailColumns.Parse(State.Current.Columns);

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        State.Changed += OnStateChanged;
        Commands.Pressed += OnKeyAsync;
        text = State.Current.Filter.Text ?? "";
        row = State.Current.Row;
    }

    /// <inheritdoc/>
    protected override Task TickAsync()
    {
        live ??= Streams.Live(State.Stream);
        Look();
        StateHasChanged();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        State.Changed -= OnStateChanged;
        Commands.Pressed -= OnKeyAsync;
    }

    private void Look()
    {
        if (live is null)
        {
            return;
        }

        var range = State.Current.Range;
        var query = new LiveQuery(State.Current.Filter, range.Window, range.Buckets, range.To);
        try
        {
            snapshot = live.Read(query);
            levels = LevelCounts.Read(live, query, snapshot);
            problem = null;
        }
        catch (ArgumentException wrong)
        {
            problem = wrong.Message;
        }
    }

    private void OnStateChanged() => InvokeAsync(() =>
    {
        row = State.Current.Row;
        text = State.Current.Filter.Text ?? "";
        Look();
        StateHasChanged();
    });

    private void OnText(ChangeEventArgs input) => text = input.Value as string ?? "";

    private void OnSearch(ChangeEventArgs input)
    {
        text = (input.Value as string ?? "").Trim();
        if (SearchText.Term(text) is { } term && !State.Current.Filter.IsRegex)
        {
            text = "";
            State.Apply(view => view.With(term) with { Filter = view.With(term).Filter with { Text = null } });
        }
        else
        {
            State.Apply(view => view with { Filter = view.Filter with { Text = text.Length == 0 ? null : text } });
        }
    }

    private void SetRegex(bool on) => State.Apply(view => view with { Filter = view.Filter with { IsRegex = on } }, replace: true);

    private void ToggleColumn(TailColumn column)
    {
        var next = TailColumns.All.Where(one => one == column ? !Columns.Contains(one) : Columns.Contains(one)).ToList();
        State.Apply(view => view with { Columns = TailColumns.Text(next) }, replace: true);
    }

    private void Zoom((long From, long To) range) => State.Apply(view => view with
    {
        Range = new TimeRange(TimeSpan.FromSeconds(Math.Max(10, range.To - range.From)), DateTimeOffset.FromUnixTimeSeconds(range.To)),
    });

    private void Open(EventPosition position) => State.Apply(
        view => view with { Row = position, PausedAt = view.PausedAt ?? stream?.Newest ?? position },
        replace: State.Current.Row is not null);

    private void Close() => State.Apply(view => view with { Row = null }, replace: true);

    private Task OnKeyAsync(string key)
    {
        if (key == "Escape" && row is not null)
        {
            return InvokeAsync(Close);
        }

        return Task.CompletedTask;
    }

    private async Task ExportAsync(bool csv)
    {
        if (live is null)
        {
            return;
        }

        var page = live.ReadRecent(new RecentQuery(State.Current.Filter, TailExport.Most) { UpTo = State.Current.PausedAt });
        var name = $"{State.Stream}-{Clock.At(Time.GetUtcNow()):yyyyMMdd-HHmmss}.{(csv ? "csv" : "jsonl")}";
        await using var bytes = csv ? TailExport.Csv(page.Rows, Columns) : TailExport.JsonLines(page.Rows);
        using var reference = new DotNetStreamReference(bytes);
        var script = await Js.InvokeAsync<IJSObjectReference>("import", Gone, "/js/shell.js");
        await script.InvokeVoidAsync("downloadStream", Gone, name, csv ? "text/csv" : "application/x-ndjson", reference);
        await script.DisposeAsync();
    }
}
