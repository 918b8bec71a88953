using Apache.Arrow;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.Writing;

namespace LogPipeline.Core.Lake.ByMinute;

/// <summary>Puts rows of the table together, column by column.</summary>
internal sealed class MinuteRows(ByteStrings strings)
{
    private const long MicrosPerMinute = 60_000_000;
    private Columns columns = new();

    /// <summary>Adds a row.</summary>
    public void Add(MinuteKey key, MinuteSums sums, ReadOnlySpan<long> histogram, EventRange range)
    {
        columns.Minutes.Append(key.Minute * MicrosPerMinute);
        AppendText(columns.Sources, key.Source);
        AppendText(columns.Endpoints, key.Endpoint);
        AppendText(columns.Methods, key.Method);
        Append(columns.Statuses, key.Status, key.Status != MinuteKey.NoStatus);
        columns.Events.Append(sums.Events);
        columns.Errors.Append(sums.Errors);
        Append(columns.Responses, sums.Response, sums.Timed > 0);
        Append(columns.MaxResponses, sums.MaxResponse, sums.Timed > 0);
        Append(columns.Bytes, sums.Bytes, sums.Sized > 0);
        columns.Histograms.Append();
        ((Int64Array.Builder)columns.Histograms.ValueBuilder).Append(histogram);
        columns.Partitions.Append(range.Partition);
        columns.FirstOffsets.Append(range.First);
        columns.LastOffsets.Append(range.Last);
    }

    /// <summary>The rows added since the last time.</summary>
    public RecordBatch Take()
    {
        var minutes = columns.Minutes.Build();
        var rows = new RecordBatch(
            ByMinuteTable.Arrow,
            [
                new TimestampArray(StreamTable.Micros, minutes.ValueBuffer, ArrowBuffer.Empty, minutes.Length, 0, 0),
                columns.Sources.Build(), columns.Endpoints.Build(), columns.Methods.Build(), columns.Statuses.Build(), columns.Events.Build(), columns.Errors.Build(),
                columns.Responses.Build(), columns.MaxResponses.Build(), columns.Bytes.Build(), columns.Histograms.Build(),
                columns.Partitions.Build(), columns.FirstOffsets.Build(), columns.LastOffsets.Build(),
            ],
            minutes.Length);
        columns = new Columns();
        return rows;
    }

    private void AppendText(StringArray.Builder builder, int number)
    {
        if (number == ByteStrings.Null)
        {
            builder.AppendNull();
        }
        else
        {
            builder.Append(strings[number]);
        }
    }

    private static void Append<T, TArray, TBuilder>(PrimitiveArrayBuilder<T, TArray, TBuilder> builder, T value, bool isThere)
        where T : struct, IEquatable<T>
        where TArray : IArrowArray
        where TBuilder : PrimitiveArrayBuilder<T, TArray, TBuilder>
    {
        _ = isThere ? builder.Append(value) : builder.AppendNull();
    }

    private sealed class Columns
    {
        public Int64Array.Builder Minutes { get; } = new();

        public StringArray.Builder Sources { get; } = new();

        public StringArray.Builder Endpoints { get; } = new();

        public StringArray.Builder Methods { get; } = new();

        public Int32Array.Builder Statuses { get; } = new();

        public Int64Array.Builder Events { get; } = new();

        public Int64Array.Builder Errors { get; } = new();

        public DoubleArray.Builder Responses { get; } = new();

        public DoubleArray.Builder MaxResponses { get; } = new();

        public Int64Array.Builder Bytes { get; } = new();

        public ListArray.Builder Histograms { get; } = new(ByMinuteTable.Element);

        public Int32Array.Builder Partitions { get; } = new();

        public Int64Array.Builder FirstOffsets { get; } = new();

        public Int64Array.Builder LastOffsets { get; } = new();
    }
}
