using System.Globalization;
using System.Text;
using System.Text.Json;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Live;
using LogPipeline.Web.Components.Format;
using LogPipeline.Web.Components.State;
using Microsoft.AspNetCore.Components;

namespace LogPipeline.Web.Components.Tail;

/// <summary>One line with every field, what is around it, and where it stands in the stream.</summary>
public sealed partial class RowDrawer
{
    private const int Around = 15;
    private const int SessionRows = 200;
    private static readonly (string Key, string Name)[] Tabs = [("fields", "Fields"), ("around", "Around this line"), ("session", "Same session"), ("json", "JSON")];
    private LogRow? row;
    private EventPosition? read;
    private IReadOnlyList<LogRow> around = [];
    private RecentPage? session;
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
    private TimeProvider Time { get; set; } = null!;

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
        CultureInfo.InvariantCulture, $"SELECT * FROM delta_lake.logs WHERE event_partition = {Position.Partition} AND event_offset = {Position.Offset}"));

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
    protected override void OnParametersSet()
    {
        if (read == Position)
        {
            return;
        }

        read = Position;
        row = Live?.Find(Position);
        around = [];
        session = null;
        if (row is null || Live is null)
        {
            return;
        }

        var before = Live.ReadRecent(new RecentQuery(EventFilter.None, Around, Before: Position));
        var after = Live.ReadRecent(new RecentQuery(EventFilter.None, Around, After: Position, OldestFirst: true));
        around = [.. before.Rows, row, .. after.Rows];
        if (row.Fields.FirstOrDefault(field => field.Key == "session_id").Value is { } id)
        {
            session = Live.ReadRecent(new RecentQuery(new EventFilter([new("session_id", id)]), SessionRows));
        }
    }

    private void Set(Field field, bool exclude) =>
        State.Apply(view => exclude ? view.With(new FilterTerm(field.Key!, field.Value, true)) : view.WithOnly(field.Key!, field.Value));

    private void OnRow(EventPosition position) => State.Apply(view => view with { Row = position }, replace: true);

    private sealed record Field(string Name, string Value, string? Note, string? Key)
    {
        public bool Filter => Key is not null;
    }
}
