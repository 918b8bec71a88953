using Apache.Arrow;
using Apache.Arrow.Types;
using LogPipeline.Core.Types;
using ArrowField = Apache.Arrow.Field;
using ArrowSchema = Apache.Arrow.Schema;

namespace LogPipeline.Core.Lake.Writing;

/// <summary>Table <c>dead_letters</c>: records that did not fit their stream, with the reason and the bytes as received.</summary>
internal static class DeadLetterTable
{
    public const string Name = "dead_letters";

    public static readonly LogPipeline.Core.Types.StructType Schema = new(
    [
        new StructField("stream", DataTypes.String, Comment: "Stream that the record was sent to"),
        new StructField("received_at", DataTypes.Timestamp, Comment: "When it was received"),
        new StructField(StreamTable.DateColumn, DataTypes.Date, Comment: "UTC day of received_at"),
        new StructField("source", DataTypes.String, Comment: "File, sender or generator"),
        new StructField(StreamTable.PartitionColumn, DataTypes.Integer, Comment: "Partition of the event log"),
        new StructField(StreamTable.OffsetColumn, DataTypes.Long, Comment: "Offset within the partition"),
        new StructField("field", DataTypes.String, Comment: "Field at fault; null when the whole record is"),
        new StructField("reason", DataTypes.String, Comment: "What is wrong with it"),
        new StructField("raw", DataTypes.Binary, Comment: "The bytes as received, at most 64 KiB"),
    ]);

    public static readonly ArrowSchema Arrow = new(
    [
        new ArrowField("stream", StringType.Default, nullable: true),
        new ArrowField("received_at", StreamTable.Micros, nullable: true),
        new ArrowField("source", StringType.Default, nullable: true),
        new ArrowField(StreamTable.PartitionColumn, Int32Type.Default, nullable: true),
        new ArrowField(StreamTable.OffsetColumn, Int64Type.Default, nullable: true),
        new ArrowField("field", StringType.Default, nullable: true),
        new ArrowField("reason", StringType.Default, nullable: true),
        new ArrowField("raw", BinaryType.Default, nullable: true),
    ], metadata: null);

    /// <summary>Rows for records of one day.</summary>
    public static RecordBatch ToRows(string stream, IReadOnlyList<DeadLetter> letters)
    {
        var streams = new StringArray.Builder();
        var received = new Int64Array.Builder();
        var sources = new StringArray.Builder();
        var partitions = new Int32Array.Builder();
        var offsets = new Int64Array.Builder();
        var fields = new StringArray.Builder();
        var reasons = new StringArray.Builder();
        var raws = new BinaryArray.Builder();
        foreach (var letter in letters)
        {
            streams.Append(stream);
            received.Append(letter.ReceivedAtMicros);
            partitions.Append(letter.Partition);
            offsets.Append(letter.Offset);
            _ = letter.Record.Source is { } source ? sources.Append(source) : sources.AppendNull();
            _ = letter.Record.Field is { } field ? fields.Append(field) : fields.AppendNull();
            reasons.Append(letter.Record.Reason);
            raws.Append(letter.Record.Raw.Span);
        }

        var micros = received.Build();
        return new RecordBatch(
            Arrow,
            [
                streams.Build(),
                new TimestampArray(new ArrayData(StreamTable.Micros, micros.Length, 0, 0, [ArrowBuffer.Empty, micros.Data.Buffers[1]])),
                sources.Build(), partitions.Build(), offsets.Build(), fields.Build(), reasons.Build(), raws.Build(),
            ],
            letters.Count);
    }
}

/// <summary>One record on its way to <c>dead_letters</c>; its partition is that of the table.</summary>
internal readonly record struct DeadLetter(Ingest.RejectedRecord Record, int Partition, long Offset, long ReceivedAtMicros);
