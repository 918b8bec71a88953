using System.Globalization;
using System.Text;
using System.Text.Json;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Live;
using LogPipeline.Core.Query;
using LogPipeline.Web.Components.Format;
using LogPipeline.Web.Components.State;
using Microsoft.AspNetCore.Components;

namespace LogPipeline.Web.Components.Tail;

/// <summary>One line with every field, what is around it, and where it stands in the stream.</summary>
public sealed partial class RowDrawer : IAsyncDisposable
{
    private const int Around = 15;
    private const int SessionRows = 200;
    private const int MostLooks = 60;
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);
    private static readonly (string Key, string Name)[] Tabs = [("fields", "Fields"), ("around", "Around this line"), ("session", "Same session"), ("json", "JSON")];
    private readonly CancellationTokenSource gone = new();
    private LogRow? row;
    private EventPosition? shown;
    private IReadOnlyList<LogRow> around = [];
    private SessionLines? session;
    private RowLineage? lineage;
    private string? problem;
    private bool searching;
    private string tab = "fields";

    /// <summary>Which line.</summary>
    [Parameter, EditorRequired]
    public EventPosition Position { get; set; }

    /// <summary>Where it is read from.</summary>
    [Parameter]
    public ILiveView? Live { get; set; }

    /// <summary>The drawer is to close.</summary>
    [Parameter]
    public EventCallback OnClose { get; set; }

    /// <summary>The next (j) or previous (k) line was asked for.</summary>
    [Parameter]
    public EventCallback<string> OnMove { get; set; }

    [Inject]
    private BrowserTime Clock { get; set; } = null!;

    [Inject]
    private PageState State { get; set; } = null!;

    [Inject]
    private PageStreams Streams { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    private string StoredAfter => lineage is { StoredAt: { } at }
        ? $"stored after {Ages.Text(at - DateTimeOffset.UnixEpoch.AddTicks(row!.ReceivedAtMicros * TimeSpan.TicksPerMicrosecond))}"
        : "stored";

    private string Json
    {
        get
        {
            using var stream = new MemoryStream();
            using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            {
                TailExport.Write(writer, row!);
            }

            return Encoding.UTF8.GetString(stream.ToArray());
        }
    }

    private string Query => "/query?sql=" + Uri.EscapeDataString(string.Create(
        CultureInfo.InvariantCulture, $"SELECT * FROM delta_lake.{lineage?.Table ?? "logs"} WHERE event_partition = {lineage?.Partition ?? Position.Partition} AND event_offset = {Position.Offset}"));

    private IEnumerable<Field> Fields
    {
        get
        {
            var one = row!;
            yield return new("timestamp", Clock.Full(one.TimestampMicros), null, null);
            var delay = (one.ReceivedAtMicros - one.TimestampMicros) / 1000.0;
            yield return new("received_at", Clock.Full(one.ReceivedAtMicros), delay switch { < 0 => null, < 1000 => $"+{Numbers.Ms(delay)} ms", _ => $"+{Ages.Text(TimeSpan.FromMilliseconds(delay))}" }, null);
            foreach (var (name, value) in new[] { ("level", one.Level), ("source", one.Source), ("endpoint", one.Endpoint), ("method", one.Method) })
            {
                if (value is not null)
                {
                    yield return new(name, value, null, name);
                }
            }

            if (one.Status is { } status)
            {
                yield return new("status", status.ToString(CultureInfo.InvariantCulture), null, "status");
            }

            if (one.ResponseTimeMs is { } ms)
            {
                yield return new("response_time", ms.ToString("#,0.###", CultureInfo.InvariantCulture), "ms", null);
            }

            foreach (var (name, value) in one.Fields)
            {
                yield return new(name, value, null, name);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await gone.CancelAsync();
        gone.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (shown == Position)
        {
            return;
        }

        shown = Position;
        row = Live?.Find(Position);
        (around, session, lineage, problem) = ([], null, null, null);
        try
        {
            await (row is null ? ReadStoredAsync(Position) : Task.Run(ReadMemory));
            if (row is not null && shown == Position)
            {
                await FindLineageAsync(Position, row.TimestampMicros);
            }
        }
        catch (Exception failure) when (failure is QueryException or LakeException)
        {
            problem = failure.Message;
        }
        catch (Exception left) when (left is OperationCanceledException or ObjectDisposedException)
        {
            // The drawer closed first.
        }
    }

    private void ReadMemory()
    {
        var before = Live!.ReadRecent(new RecentQuery(EventFilter.None, Around, Before: Position));
        var after = Live.ReadRecent(new RecentQuery(EventFilter.None, Around, After: Position, OldestFirst: true));
        around = [.. before.Rows, row!, .. after.Rows];
        if (SessionOf(row!) is { } id)
        {
            var page = Live.ReadRecent(new RecentQuery(new EventFilter([new("session_id", id)]), SessionRows));
            session = new(page.Rows, page.Skipped > 0);
        }
    }

    /// <summary>A line that has left the memory is read from the table.</summary>
    private async Task ReadStoredAsync(EventPosition position)
    {
        if (Streams.Pages is not { } pages)
        {
            return;
        }

        searching = true;
        try
        {
            var rows = await pages.AroundAsync(State.Stream, position, Around, gone.Token);
            if (shown != position)
            {
                return;
            }

            row = rows.FirstOrDefault(one => one.Position == position);
            around = rows;
            searching = false;
            if (row is not null && SessionOf(row) is { } id)
            {
                StateHasChanged();
                var page = await pages.ReadAsync(State.Stream, new EventFilter([new("session_id", id)]), SessionRows, [], gone.Token);
                session = shown == position ? new([.. page.Rows.Reverse()], page.Next is not null) : session;
            }
        }
        finally
        {
            searching = false;
        }
    }

    /// <summary>A line that has just arrived is in the table a moment later.</summary>
    private async Task FindLineageAsync(EventPosition position, long timestampMicros)
    {
        for (var look = 0; Streams.Lineage is { } rows && look < MostLooks && shown == position; look++)
        {
            if (await rows.FindAsync(State.Stream, position, timestampMicros, gone.Token) is { } found)
            {
                lineage = shown == position ? found : lineage;
                return;
            }

            StateHasChanged();
            await Task.Delay(LookPeriod, Time, gone.Token);
        }
    }

    private static string? SessionOf(LogRow row) => row.Fields.FirstOrDefault(field => field.Key == "session_id").Value;

    private void Set(Field field, bool exclude) =>
        State.Apply(view => exclude ? view.With(new FilterTerm(field.Key!, field.Value, true)) : view.WithOnly(field.Key!, field.Value));

    private void OnRow(EventPosition position) => State.Apply(view => view with { Row = position }, replace: true);

    private sealed record SessionLines(IReadOnlyList<LogRow> Rows, bool More);

    private sealed record Field(string Name, string Value, string? Note, string? Key)
    {
        public bool Filter => Key is not null;
    }
}
