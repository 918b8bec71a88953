using LogPipeline.Core.Streams;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Live;

/// <summary>Makes one view a configured stream.</summary>
internal sealed class LiveViews : ILiveViews, IDisposable
{
    private readonly Dictionary<string, ILiveView> byName;

    public LiveViews(StreamRegistry streams, IOptions<LiveOptions> options, LiveEvents events, TimeProvider clock)
    {
        Views = [.. streams.All.Select(stream => new LiveView(stream, options.Value, clock, error => events.SubscriberFailed(stream.Name, error)))];
        All = [.. Views.Select(view => new KeyValuePair<string, ILiveView>(view.Stream.Name, view))];
        byName = new(All, StringComparer.OrdinalIgnoreCase);
    }

    public IReadOnlyList<KeyValuePair<string, ILiveView>> All { get; }

    /// <summary>The views themselves, for their feed.</summary>
    internal IReadOnlyList<LiveView> Views { get; }

    public ILiveView? Find(string stream) => byName.GetValueOrDefault(stream);

    public void Dispose()
    {
        foreach (var view in Views)
        {
            view.Dispose();
        }
    }
}
