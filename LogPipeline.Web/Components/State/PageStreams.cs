using LogPipeline.Core.Lake;
using LogPipeline.Core.Live;
using LogPipeline.Core.Query.Events;

namespace LogPipeline.Web.Components.State;

/// <summary>What a page reads of a stream: its live view, its events back to the first, and where their rows are.</summary>
internal sealed class PageStreams(IServiceProvider services)
{
    /// <summary>Events of memory and table; null in a host without a lake.</summary>
    public IEventPages? Pages => services.GetService<IEventPages>();

    /// <summary>Where rows are; null in a host without a lake.</summary>
    public IRowLineage? Lineage => services.GetService<IRowLineage>();

    /// <summary>The live view of a stream; null when there is none.</summary>
    public ILiveView? Live(string stream) => services.GetService<ILiveViews>()?.Find(stream);
}
