using LogPipeline.Core.EventLog;

namespace LogPipeline.Core.Lake;

/// <summary>Tells where in the lake one event is.</summary>
public interface IRowLineage
{
    /// <summary>Finds the row of an event; null while no table holds it.</summary>
    /// <param name="stream">Name of the stream.</param>
    /// <param name="position">Where it stands in the event log.</param>
    /// <param name="timestampMicros">Time of the event, microseconds since 1970: its day is the partition that holds it.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="LakeException">The table cannot be read.</exception>
    Task<RowLineage?> FindAsync(string stream, EventPosition position, long timestampMicros, CancellationToken cancellationToken);
}

/// <summary>Where the row of one event is.</summary>
/// <param name="Table">Name of the table.</param>
/// <param name="Partition">Its <c>event_partition</c>, which tells logs of different brokers apart.</param>
/// <param name="Version">Latest version of the table.</param>
/// <param name="File">Name of the data file that holds the row now; null when its statistics do not tell it from others.</param>
/// <param name="StoredVersion">Version that brought the row in; null when that commit is no longer in the log, or another engine's.</param>
/// <param name="StoredAt">When that was committed.</param>
public sealed record RowLineage(string Table, int Partition, long Version, string? File, long? StoredVersion, DateTimeOffset? StoredAt);
