namespace LogPipeline.Core.Streams;

/// <summary>The streams of this host, as configured. At least one; names and tables are distinct.</summary>
public sealed class StreamRegistry
{
    private readonly Dictionary<string, StreamDefinition> byName;

    /// <summary>Makes a registry of streams.</summary>
    /// <param name="streams">The streams in the order of configuration; the first one is shown when none is named.</param>
    /// <exception cref="ArgumentException">There is none, or two have one name.</exception>
    public StreamRegistry(IReadOnlyList<StreamDefinition> streams)
    {
        if (streams.Count == 0)
        {
            throw new ArgumentException("At least one stream is needed", nameof(streams));
        }

        All = streams;
        byName = streams.ToDictionary(stream => stream.Name, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Every stream, in the order of configuration.</summary>
    public IReadOnlyList<StreamDefinition> All { get; }

    /// <summary>The stream that is meant when none is named.</summary>
    public StreamDefinition Default => All[0];

    /// <summary>A stream by its name without regard to case, or null.</summary>
    public StreamDefinition? Find(string name) => byName.GetValueOrDefault(name);
}
