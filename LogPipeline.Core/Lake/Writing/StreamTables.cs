using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.ByMinute;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Lake.Writing;

/// <summary>The tables that one stream is stored in, fit for its rows, and how far they are.</summary>
/// <param name="Table">The stream's table.</param>
/// <param name="DeadLetters">Table <c>dead_letters</c>.</param>
/// <param name="Shape">Columns of the stream's table.</param>
/// <param name="Positions">Positions that writers of event batches committed to the stream's table.</param>
internal sealed record StreamTables(DeltaTable Table, DeltaTable DeadLetters, StreamTable Shape, StreamPositions Positions)
{
    /// <summary>What is added to the log's partitions in the tables.</summary>
    public int PartitionBase { get; private init; }

    /// <summary>Names of all tables that are written for a stream, its own first.</summary>
    public static IReadOnlyList<string> NamesOf(StreamDefinition stream) =>
        [stream.Table, DeadLetterTable.Name, .. ByMinuteTable.Of(stream) is { } byMinute ? [byMinute.Name] : Array.Empty<string>()];

    /// <summary>Opens the tables, making them when they are not there, and reads the positions.</summary>
    /// <exception cref="LakeException">A table cannot take the stream, or was written from another log.</exception>
    /// <exception cref="IOException">The volume failed.</exception>
    public static StreamTables Open(IEventLog log, LakeTables tables, LakeOptions options)
    {
        var shape = new StreamTable(log.Stream.Schema);
        var table = tables.OpenOrCreate(log.Stream.Table, shape.Schema, [StreamTable.DateColumn]);
        var deadLetters = tables.OpenOrCreate(DeadLetterTable.Name, DeadLetterTable.Schema, [StreamTable.DateColumn]);
        TableFit.Ensure(table, shape.Schema);
        TableFit.Ensure(deadLetters, DeadLetterTable.Schema);

        return new StreamTables(table, deadLetters, shape, PositionsIn(log, table, options)) { PartitionBase = LogTurns.BaseOf(table.Snapshot(), log.Stream.Name, log.LogId) };
    }

    /// <summary>Reads the positions of a log in its table.</summary>
    /// <exception cref="LakeException">The table was written from another log, or the log does not reach as far as the table.</exception>
    public static StreamPositions PositionsIn(IEventLog log, DeltaTable table, LakeOptions options)
    {
        IReadOnlySet<string> others = new HashSet<string>();
        var positions = table.Read(state => StreamPositions.Read(state, log.Stream.Name, log.LogId, out others));
        var isKnown = positions.Partitions.Any() || LogTurns.IsNoted(table.Snapshot(), log.Stream.Name, log.LogId);
        var turns = new LogTurns(log.Stream.Name, table.Snapshot().Transactions, isKnown ? new HashSet<string>(others) { log.LogId } : others);
        if (turns.CurrentFor(log.LogId) is { } current && current != log.LogId && !options.Adopts(log.LogId))
        {
            throw ForeignLog(log, table.Name, others);
        }

        Check(log, table.Name, positions.Partitions.ToDictionary(partition => partition, partition => positions.Of(partition)!.Value));
        return positions;
    }

    /// <summary>Says that a table was written from other logs than the one that is there.</summary>
    public static LakeException ForeignLog(IEventLog log, string table, IEnumerable<string> others) => new(
        $"Table '{table}' was written from the event log {string.Join(", ", others)} of stream '{log.Stream.Name}', and this is the event log {log.LogId}. "
        + $"Bring the other log back; or, if this one holds only events that the table does not, set LogPipeline:Lake:AdoptLog to {log.LogId}");

    /// <summary>Makes sure that the log reaches as far as the table.</summary>
    /// <exception cref="LakeException">It does not.</exception>
    public static void Check(IEventLog log, string table, IReadOnlyDictionary<int, long> stored)
    {
        foreach (var bounds in log.Bounds)
        {
            if (stored.TryGetValue(bounds.Partition, out var last) && last >= bounds.End)
            {
                throw new LakeException(
                    $"Table '{table}' holds events up to offset {last} of partition {bounds.Partition}, but the event log {log.LogId} ends at {bounds.End}: "
                    + "the log has lost events or is an older copy, and new events would be taken for stored ones. Bring the newer log back, or start a new event log and adopt it");
            }
        }
    }
}
