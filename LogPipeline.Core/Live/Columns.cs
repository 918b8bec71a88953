using System.Runtime.CompilerServices;
using Apache.Arrow;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Live;

/// <summary>A string column of a batch, read as UTF-8. Default: a column without a value.</summary>
internal readonly ref struct Utf8Column
{
    private readonly ReadOnlySpan<int> offsets;
    private readonly ReadOnlySpan<byte> bytes;
    private readonly Validity validity;

    public Utf8Column(StringArray array)
    {
        offsets = array.ValueOffsets;
        bytes = array.ValueBuffer.Span;
        validity = new Validity(array);
    }

    public bool IsAbsent => offsets.IsEmpty;

    public ReadOnlySpan<int> Offsets => offsets;

    public ReadOnlySpan<byte> Bytes => bytes;

    public static Utf8Column Of(RecordBatch batch, int column) => column < 0 ? default : new Utf8Column((StringArray)batch.Column(column));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsNull(int row) => offsets.IsEmpty || validity.IsNull(row);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Value(int row)
    {
        var start = offsets[row];
        return bytes.Slice(start, offsets[row + 1] - start);
    }
}

/// <summary>A column of numbers of a batch. Default: a column without a value.</summary>
internal readonly ref struct NumberColumn<T>
    where T : struct, IEquatable<T>
{
    private readonly ReadOnlySpan<T> values;
    private readonly Validity validity;

    private NumberColumn(PrimitiveArray<T> array)
    {
        values = array.Values;
        validity = new Validity(array);
    }

    public static NumberColumn<T> Of(RecordBatch batch, int column) =>
        column >= 0 && batch.Column(column) is PrimitiveArray<T> array ? new NumberColumn<T>(array) : default;

    public T this[int row] => values[row];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsNull(int row) => values.IsEmpty || validity.IsNull(row);
}

/// <summary>Which rows of an array have a value.</summary>
internal readonly ref struct Validity
{
    private readonly ReadOnlySpan<byte> bits;
    private readonly int offset;

    public Validity(Apache.Arrow.Array array)
    {
        bits = array.NullCount == 0 ? default : array.NullBitmapBuffer.Span;
        offset = array.Offset;
    }

    public bool HasNulls => !bits.IsEmpty;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsNull(int row) => !bits.IsEmpty && (bits[(row + offset) >> 3] & (1 << ((row + offset) & 7))) == 0;
}

/// <summary>Where the fields that Live knows stand in a stream's batches; -1 where the stream has none of that name and type.</summary>
internal sealed class ColumnPlaces
{
    public ColumnPlaces(StreamSchema schema)
    {
        Timestamp = Find(schema, "timestamp", "timestamp");
        if (Timestamp < 0)
        {
            Timestamp = schema.Columns.Select((column, index) => (column, index)).FirstOrDefault(pair => pair.column.Type.Name == "timestamp", (null!, -1)).Item2;
        }

        Level = Find(schema, "level", "string");
        Source = Find(schema, "source", "string");
        Endpoint = Find(schema, "endpoint", "string");
        Method = Find(schema, "method", "string");
        Status = Find(schema, "status", "int");
        ResponseTime = Find(schema, "response_time", "double");
        Session = Find(schema, "session_id", "string");
        Bytes = Find(schema, "bytes", "bigint");
        Message = Find(schema, "message", "string");
    }

    public int Timestamp { get; }

    public int Level { get; }

    public int Source { get; }

    public int Endpoint { get; }

    public int Method { get; }

    public int Status { get; }

    public int ResponseTime { get; }

    public int Session { get; }

    public int Bytes { get; }

    public int Message { get; }

    private static int Find(StreamSchema schema, string name, string type)
    {
        var index = schema.IndexOf(name);
        return index >= 0 && schema.Columns[index].Type.Name == type ? index : -1;
    }
}
