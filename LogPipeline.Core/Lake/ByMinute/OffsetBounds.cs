using System.Runtime.CompilerServices;
using System.Text.Json;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.Writing;

namespace LogPipeline.Core.Lake.ByMinute;

/// <summary>Which positions a data file can hold, by its statistics. Read once a file: a table is asked again and again while its old files stay.</summary>
internal sealed class OffsetBounds
{
    private static readonly ConditionalWeakTable<DataFile, OffsetBounds> Known = [];
    private long minOffset = long.MinValue;
    private long maxOffset = long.MaxValue;
    private long minPartition = long.MinValue;
    private long maxPartition = long.MaxValue;

    /// <summary>The bounds of a file; anything where it has no statistics.</summary>
    public static OffsetBounds Of(DataFile file) => Known.GetValue(file, static one => Read(one.Stats));

    /// <summary>Whether the file can hold rows of a range.</summary>
    public bool Overlaps(EventRange range) =>
        range.Partition >= minPartition && range.Partition <= maxPartition && range.First <= maxOffset && range.Last >= minOffset;

    private static OffsetBounds Read(string? stats)
    {
        var bounds = new OffsetBounds();
        if (stats is not null)
        {
            using var document = JsonDocument.Parse(stats);
            bounds.minOffset = Value(document, "minValues", StreamTable.OffsetColumn) ?? long.MinValue;
            bounds.maxOffset = Value(document, "maxValues", StreamTable.OffsetColumn) ?? long.MaxValue;
            bounds.minPartition = Value(document, "minValues", StreamTable.PartitionColumn) ?? long.MinValue;
            bounds.maxPartition = Value(document, "maxValues", StreamTable.PartitionColumn) ?? long.MaxValue;
        }

        return bounds;
    }

    private static long? Value(JsonDocument stats, string bound, string column) =>
        stats.RootElement.TryGetProperty(bound, out var values) && values.TryGetProperty(column, out var value) && value.TryGetInt64(out var number) ? number : null;
}
