using Apache.Arrow.Types;
using LogPipeline.Core.Streams;
using LogPipeline.Core.Types;
using ArrowField = Apache.Arrow.Field;
using ArrowSchema = Apache.Arrow.Schema;

namespace LogPipeline.Core.Lake.Writing;

/// <summary>The table of a stream: its columns, and which Arrow columns its files hold.</summary>
/// <remarks>
/// For <c>web-logs</c>: timestamp, <b>date</b>, level, …, span_id, attributes, event_partition, event_offset, received_at.
/// The date is the UTC day of the stream's event time; it partitions the table and is not in the files.
/// </remarks>
internal sealed class StreamTable
{
    public const string DateColumn = "date";
    public const string PartitionColumn = "event_partition";
    public const string OffsetColumn = "event_offset";
    public const string ReceivedColumn = "received_at";

    /// <summary>Arrow's microseconds in UTC, which Parquet stores as INT64 micros adjusted to UTC.</summary>
    public static readonly TimestampType Micros = new(TimeUnit.Microsecond, "UTC");

    /// <exception cref="LakeException">The stream has no time column, or a column with a name that the writer needs.</exception>
    public StreamTable(StreamSchema schema)
    {
        TimeIndex = TimeColumnOf(schema);
        if (schema.Columns.FirstOrDefault(column => column.Name is DateColumn or PartitionColumn or OffsetColumn or ReceivedColumn) is { } taken)
        {
            throw new LakeException($"Schema '{schema.Name}': a field cannot be named '{taken.Name}', which the table's writer adds");
        }

        var fields = schema.Columns.Select(column => new StructField(column.Name, column.Type, !column.Required, column.Comment)).ToList();
        fields.Insert(TimeIndex + 1, new StructField(DateColumn, DataTypes.Date, Comment: "UTC day of the event"));
        fields.Add(new StructField(
            StreamSchema.AttributesColumn, new LogPipeline.Core.Types.MapType(DataTypes.String, DataTypes.String), Comment: "Fields of the event that have no column"));
        fields.Add(new StructField(PartitionColumn, DataTypes.Integer, Comment: "Partition of the event log"));
        fields.Add(new StructField(OffsetColumn, DataTypes.Long, Comment: "Offset within the partition"));
        fields.Add(new StructField(ReceivedColumn, DataTypes.Timestamp, Comment: "When the event was received"));
        Schema = new LogPipeline.Core.Types.StructType(fields);
        Arrow = new ArrowSchema(
            [.. schema.Arrow.FieldsList,
             new ArrowField(PartitionColumn, Int32Type.Default, nullable: true),
             new ArrowField(OffsetColumn, Int64Type.Default, nullable: true),
             new ArrowField(ReceivedColumn, Micros, nullable: true)],
            metadata: null);
    }

    /// <summary>Columns of the table.</summary>
    public LogPipeline.Core.Types.StructType Schema { get; }

    /// <summary>Columns of its files.</summary>
    public ArrowSchema Arrow { get; }

    /// <summary>Column of the stream that holds the event time.</summary>
    public int TimeIndex { get; }

    internal static int TimeColumnOf(StreamSchema schema)
    {
        foreach (var name in (string[])["timestamp", "ts"])
        {
            if (schema.IndexOf(name) is >= 0 and var index && schema.Columns[index].Type == DataTypes.Timestamp)
            {
                return index;
            }
        }

        for (var index = 0; index < schema.Columns.Count; index++)
        {
            if (schema.Columns[index].Type == DataTypes.Timestamp)
            {
                return index;
            }
        }

        throw new LakeException($"Schema '{schema.Name}' has no timestamp field, so its table cannot be partitioned by date");
    }
}
