namespace LogPipeline.Core.Live;

/// <summary>The live views of all configured streams.</summary>
public interface ILiveViews
{
    /// <summary>One view a stream, in the order of the configuration.</summary>
    IReadOnlyList<KeyValuePair<string, ILiveView>> All { get; }

    /// <summary>The view of a stream by its name without regard to case, or null.</summary>
    ILiveView? Find(string stream);
}
