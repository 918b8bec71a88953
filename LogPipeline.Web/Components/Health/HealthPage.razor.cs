using LogPipeline.Core.Configuration;
using LogPipeline.Core.Health;
using LogPipeline.Core.Lake;
using LogPipeline.Web.Components.Format;
using LogPipeline.Web.Components.Parts;
using LogPipeline.Web.Components.State;
using LogPipeline.Web.Components.Status;
using Microsoft.AspNetCore.Components;

namespace LogPipeline.Web.Components.Health;

/// <summary>How every stage is, where every event is, and what the tables are made of.</summary>
public sealed partial class HealthPage
{
    private const string LogStage = "Event log";
    private const string LakeStage = "Lake";
    private const string QueryStage = "Query";
    private const string WebStage = "Web";
    private HealthFactsReader? reader;
    private HealthFacts? facts;
    private LatencyFigures latency = LatencyFigures.None;
    private string? reportText;

    [Inject]
    private IServiceProvider Services { get; set; } = null!;

    [Inject]
    private CircuitLatency Latency { get; set; } = null!;

    [Inject]
    private PageState State { get; set; } = null!;

    /// <inheritdoc/>
    protected override TimeSpan Period => TimeSpan.FromSeconds(1);

    private HealthState Overall => facts is null ? HealthState.Connecting : facts.Report?.State ?? HealthState.Off;

    private IReadOnlyList<StageHealth> Stages => facts?.Report?.Stages ?? [];

    private TimeSpan? Age => facts?.Report is { } report ? Time.GetUtcNow() - report.At : null;

    private bool IsStale => Age > Ages.Stale;

    private string Checked => Age is { } age ? $"checked {Ages.Text(age)} ago" : facts is null ? "checking" : "nobody reports in this configuration";

    private IReadOnlyList<TableFacts> Tables => facts?.Tables ?? [];

    // With systems outside every panel has a place of its own; embedded, the small ones share the third column.
    private bool IsFlat => facts is { Brokers: not null } or { Engine: not null };

    private bool Writes => Services.GetService<ITableWriters>()?.Engine == EngineKind.Spark;

    private string Writer => Writes ? facts?.Engine?.Name ?? "Spark" : "this host";

    private IReadOnlyList<string> Others => facts is { Queries: { } queries, Engine: { } engine } && queries.Engine.Equals(engine.Name, StringComparison.OrdinalIgnoreCase)
        ? [.. queries.Engines.Where(name => name != queries.Engine)]
        : [];

    private IReadOnlyList<KeyValuePair<string, string>> QueryFacts => facts?.Queries is not { } state ? [] :
    [
        new(state.Engines.Count > 1 ? "Engines" : "Engine", string.Join(", ", state.Engines)),
        new("p95", Milliseconds(state.P95?.TotalMilliseconds)),
        new("Running", Numbers.Count(state.Running)),
        new("Waiting", Numbers.Count(state.Waiting)),
        new("Answered", Numbers.Count(state.Answered)),
        new("Failed", Numbers.Count(state.Failed)),
    ];

    private IReadOnlyList<KeyValuePair<string, string>> WebFacts => facts?.Web is not { } web ? [] :
    [
        new("Pages", Numbers.Count(web.Pages)),
        new("To screen", Milliseconds(web.ToScreenP50Ms)),
        new("SSE", Numbers.Count(web.EventStreams)),
        new("p99", Milliseconds(web.ToScreenP99Ms)),
        new("Slow", Numbers.Count(web.Slow)),
        new("Dropped", Numbers.Count(web.Dropped)),
    ];

    /// <inheritdoc/>
    /// <remarks>The first look is on the circuit's own thread, so that the page never shows itself empty.</remarks>
    protected override void OnInitialized()
    {
        reader = new HealthFactsReader(Services, Time);
        facts = reader.Read(State.Stream);
    }

    /// <inheritdoc/>
    protected override async Task TickAsync()
    {
        facts = await Task.Run(() => reader!.Read(State.Stream), Gone);
        latency = Latency.Read();
        reportText = facts.Report is null ? null : HealthReportJson.Write(facts);
        StateHasChanged();
    }

    private void TryEngine() => Services.GetService<IEngineHealth>()?.TryNow();

    private static string Milliseconds(double? value) => value is null ? Numbers.None : Numbers.Ms(value) + "\u00A0ms";

    private HealthState StateOf(string stage, bool exists) =>
        facts is null ? HealthState.Connecting : !exists ? HealthState.Off : Stages.FirstOrDefault(one => one.Name == stage)?.State ?? HealthState.Connected;

    private HealthState StateOf(TableFacts table) =>
        !table.HasLake ? HealthState.Off
        : table.Problem is not null ? HealthState.Disconnected
        : table.Status is null ? HealthState.Connecting
        : table.Name == facts?.Stream?.Table ? StateOf(LakeStage, true)
        : HealthState.Connected;
}
