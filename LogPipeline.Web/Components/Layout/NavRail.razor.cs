using LogPipeline.Web.Components.Parts;
using LogPipeline.Web.Components.State;
using Microsoft.AspNetCore.Components;

namespace LogPipeline.Web.Components.Layout;

/// <summary>The pages, and what this host is.</summary>
public sealed partial class NavRail
{
    [Inject]
    private PageState State { get; set; } = null!;

    [Inject]
    private HostFacts Facts { get; set; } = null!;

    /// <inheritdoc/>
    protected override TimeSpan Period => TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override void OnInitialized() => State.Changed += OnChanged;

    /// <inheritdoc/>
    protected override Task TickAsync()
    {
        StateHasChanged();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        State.Changed -= OnChanged;
    }

    private void OnChanged() => InvokeAsync(StateHasChanged);
}
