using LogPipeline.Core.Health;
using LogPipeline.Web.Components.Format;
using LogPipeline.Web.Components.Parts;
using LogPipeline.Web.Components.State;
using Microsoft.AspNetCore.Components;

namespace LogPipeline.Web.Components.Status;

/// <summary>The pipeline in four pills and one figure, on every page.</summary>
public sealed partial class PipelineStatus
{
    private static readonly string[] Shown = ["Event log", "Lake", "Query", "Web"];
    private HealthReport? report;
    private LatencyFigures figures = LatencyFigures.None;

    [Inject]
    private IServiceProvider Services { get; set; } = null!;

    [Inject]
    private CircuitLatency Latency { get; set; } = null!;

    [Inject]
    private PageState State { get; set; } = null!;

    /// <inheritdoc/>
    protected override TimeSpan Period => TimeSpan.FromSeconds(1);

    internal static string? HealthPage => Layout.PageList.All.Any(page => page.Path == "/health") ? "/health" : null;

    private IReadOnlyList<StageHealth> Stages =>
        [.. Shown.Select(name => report?.Stages.FirstOrDefault(stage => stage.Name == name) ?? new StageHealth(name, HealthState.Connecting, "", null, [], Numbers.None))];

    private HealthState Worst =>
        new[] { HealthState.Disconnected, HealthState.Partial, HealthState.Connecting, HealthState.Connected, HealthState.Off }.First(state => Stages.Any(stage => stage.State == state));

    private string? Tone => Worst is HealthState.Connected or HealthState.Off ? null : StateGlyph.Tone(Worst);

    private string Working => $"{Stages.Count(stage => stage.State is HealthState.Connected)} of {Stages.Count}";

    private string Summary => "Pipeline: " + string.Join(", ", Stages.Select(stage => $"{stage.Pill} {StatePill.Word(stage.State)}"));

    /// <inheritdoc/>
    protected override Task TickAsync()
    {
        report = Services.GetService<IHealthSource>()?.Read(State.Stream);
        figures = Latency.Read();
        StateHasChanged();
        return Task.CompletedTask;
    }
}
