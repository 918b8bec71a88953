using LogPipeline.Core.Health;
using LogPipeline.Core.Lake;
using LogPipeline.Web.Components.Format;
using Microsoft.AspNetCore.Components;

namespace LogPipeline.Web.Components.Health;

/// <summary>The engine outside of this process: its session, and how its batches go.</summary>
public sealed partial class SparkPanel
{
    /// <summary>The engine.</summary>
    [Parameter, EditorRequired]
    public EngineStatus Status { get; set; } = null!;

    /// <summary>Whether it writes the tables; otherwise it only answers queries.</summary>
    [Parameter]
    public bool Writes { get; set; }

    /// <summary>Its writer of the stream's table; null when it has none.</summary>
    [Parameter]
    public ITableWriter? Writer { get; set; }

    /// <summary>The writer's last batches, oldest first.</summary>
    [Parameter]
    public IReadOnlyList<TableWriterFigures> Batches { get; set; } = [];

    /// <summary>The present, for ages.</summary>
    [Parameter, EditorRequired]
    public DateTimeOffset Now { get; set; }

    [Inject]
    private BrowserTime Clock { get; set; } = null!;

    private string About => string.Join(" · ", new[]
    {
        Status.Version,
        Status.DeltaVersion is { } delta ? "Delta " + delta : null,
        Status.Master,
    }.OfType<string>());

    private IReadOnlyList<KeyValuePair<string, string>> Facts =>
    [
        .. Writes ? WriterFacts : [],
        new("Session", Status.SessionId is { } id ? Short(id) : Numbers.None),
        new("Up", Status.SessionSince is { } since ? Ages.Coarse(Now - since) : Numbers.None),
        new("Memory", Memory),
        new("Restarts", Numbers.Count(Status.Restarts)),
        new("Server", Server),
        new("Work", Writes ? "tables and queries" : "queries only"),
    ];

    private IReadOnlyList<KeyValuePair<string, string>> WriterFacts
    {
        get
        {
            var figures = Writer?.Figures;
            return
            [
                new("Input", RowsPerSecond(figures?.InputRowsPerSecond)),
                new("Processed", RowsPerSecond(figures?.ProcessedRowsPerSecond)),
                new("Batch", figures is null ? Numbers.None : $"{Numbers.Count(figures.BatchRows)} {(figures.BatchRows == 1 ? "row" : "rows")} in {Ages.Text(figures.BatchDuration)}"),
                new("Committed", figures is null ? Numbers.None : Ages.Text(Now - figures.CommittedAt) + " ago"),
                new("Watermark", figures?.Watermark is { } mark ? Clock.Second(mark) : "none"),
            ];
        }
    }

    private string Memory => (Status.MemoryBytes, Status.MaxHeapBytes) switch
    {
        ({ } used, { } most) => $"{FileSize.Text(used)}, heap {FileSize.Text(most)}",
        ({ } used, null) => FileSize.Text(used),
        (null, { } most) => $"heap {FileSize.Text(most)}",
        _ => Numbers.None,
    };

    private string Server => Status.Owner switch
    {
        EngineOwner.ThisHost => Status.ProcessId is { } process ? $"ours, process {process}" : "ours",
        EngineOwner.AnotherHost => Status.ProcessId is { } process ? $"another host's, process {process}" : "another host's",
        _ => Status.Address ?? Numbers.None,
    };

    private static string RowsPerSecond(double? rate) => rate is null ? Numbers.None : $"{Numbers.Rate(rate)} rows/s";

    /// <summary>The begin and the end of an id: 7c1e…04af.</summary>
    private static string Short(string id) => id.Length <= 12 ? id : $"{id[..4]}…{id[^4..]}";

    private static string? Tone(string line) =>
        line.Contains(" ERROR ", StringComparison.Ordinal) || line.Contains(" FATAL ", StringComparison.Ordinal) ? "bad"
        : line.Contains(" WARN ", StringComparison.Ordinal) ? "warn"
        : null;
}
