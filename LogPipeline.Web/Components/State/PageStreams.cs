using LogPipeline.Core.Live;

namespace LogPipeline.Web.Components.State;

/// <summary>What a page reads: the live view of a stream.</summary>
internal sealed class PageStreams(IServiceProvider services)
{
    /// <summary>The live view of a stream; null when there is none.</summary>
    public ILiveView? Live(string stream) => services.GetService<ILiveViews>()?.Find(stream);
}
