using Apache.Arrow;

namespace LogPipeline.Core.Live.Recent;

/// <summary>A column of a <see cref="RingChunk"/>. Rows are only added; a row that was added never changes.</summary>
/// <remarks>Arrays are replaced when they grow, after their content was copied, so a reader sees every row below the count it was given.</remarks>
internal abstract class ChunkColumn
{
    private bool[]? present;

    public abstract long Bytes { get; }

    public bool IsNull(int row) => present is not { } all || row >= all.Length || !all[row];

    /// <summary>Takes <paramref name="count"/> rows of a column from <paramref name="from"/> on, to stand from row <paramref name="at"/> on.</summary>
    public abstract void Append(IArrowArray array, int from, int count, int at);

    /// <summary>Gives back what only additions need.</summary>
    public abstract void Trim();

    /// <summary>Says which rows have a value; false when none has.</summary>
    protected bool MarkPresent(Apache.Arrow.Array array, int from, int count, int at)
    {
        var validity = new Validity(array);
        var any = present is not null;
        for (var i = 0; i < count && !any; i++)
        {
            any = !validity.IsNull(from + i);
        }

        if (!any)
        {
            return false;
        }

        present ??= new bool[RingChunk.MaxRows];
        for (var i = 0; i < count; i++)
        {
            present[at + i] = !validity.IsNull(from + i);
        }

        return true;
    }

    protected static void Grow<T>(ref T[] array, int least)
    {
        if (array.Length < least)
        {
            var grown = new T[Math.Max(least, Math.Max(256, array.Length * 2))];
            array.CopyTo(grown, 0);
            Volatile.Write(ref array, grown);
        }
    }
}

/// <summary>Numbers, booleans as 0 and 1.</summary>
internal sealed class NumberChunk<T> : ChunkColumn
    where T : struct, IEquatable<T>
{
    private T[] values = [];

    public override long Bytes => values.Length * 9L;

    public T this[int row] => values[row];

    public override void Append(IArrowArray array, int from, int count, int at)
    {
        if (!MarkPresent((Apache.Arrow.Array)array, from, count, at))
        {
            return;
        }

        Grow(ref values, RingChunk.MaxRows);
        ((PrimitiveArray<T>)array).Values.Slice(from, count).CopyTo(values.AsSpan(at));
    }

    public override void Trim()
    {
    }
}

/// <summary>Booleans.</summary>
internal sealed class BooleanChunk : ChunkColumn
{
    private bool[] values = [];

    public override long Bytes => values.Length * 2L;

    public bool this[int row] => values[row];

    public override void Append(IArrowArray array, int from, int count, int at)
    {
        if (!MarkPresent((Apache.Arrow.Array)array, from, count, at))
        {
            return;
        }

        Grow(ref values, RingChunk.MaxRows);
        for (var i = 0; i < count; i++)
        {
            values[at + i] = ((BooleanArray)array).GetValue(from + i) ?? false;
        }
    }

    public override void Trim()
    {
    }
}

/// <summary>Strings as UTF-8, one after the other.</summary>
internal sealed class StringChunk : ChunkColumn
{
    private readonly StringPool pool = new();

    public override long Bytes => pool.Bytes + RingChunk.MaxRows;

    public ReadOnlySpan<byte> this[int row] => pool[row];

    public override void Append(IArrowArray array, int from, int count, int at)
    {
        if (MarkPresent((Apache.Arrow.Array)array, from, count, at))
        {
            pool.Append((StringArray)array, from, count, at);
        }
    }

    public override void Trim() => pool.Trim();
}

/// <summary>Byte strings by number, added in order; numbers that are skipped are empty.</summary>
internal sealed class StringPool
{
    private int[] ends = [];
    private byte[] bytes = [];
    private int count;

    public long Bytes => bytes.Length + (ends.Length * 4L);

    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            var start = index == 0 ? 0 : ends[index - 1];
            return bytes.AsSpan(start, ends[index] - start);
        }
    }

    public void Append(StringArray array, int from, int number, int at)
    {
        if (ends.Length < at + number)
        {
            System.Array.Resize(ref ends, Math.Max(at + number, Math.Max(64, ends.Length * 2)));
        }

        var end = count == 0 ? 0 : ends[count - 1];
        for (; count < at; count++)
        {
            ends[count] = end;
        }

        var offsets = array.ValueOffsets;
        var start = offsets[from];
        var length = offsets[from + number] - start;
        if (bytes.Length < end + length)
        {
            System.Array.Resize(ref bytes, Math.Max(end + length, Math.Max(1_024, bytes.Length * 2)));
        }

        array.ValueBuffer.Span.Slice(start, length).CopyTo(bytes.AsSpan(end));
        for (var i = 0; i < number; i++)
        {
            ends[at + i] = end + offsets[from + i + 1] - start;
        }

        count = at + number;
    }

    public void Trim()
    {
        System.Array.Resize(ref ends, count);
        System.Array.Resize(ref bytes, count == 0 ? 0 : ends[count - 1]);
    }
}

/// <summary>Maps of strings to strings.</summary>
internal sealed class MapChunk : ChunkColumn
{
    private readonly StringPool keys = new();
    private readonly StringPool values = new();
    private int[] starts = [];
    private int[] counts = [];
    private bool[] valueIsNull = [];
    private int entries;

    public override long Bytes => keys.Bytes + values.Bytes + (starts.Length * 8L) + valueIsNull.Length;

    public int Count(int row) => IsNull(row) ? 0 : counts[row];

    public ReadOnlySpan<byte> Key(int row, int entry) => keys[starts[row] + entry];

    public bool IsValueNull(int row, int entry) => valueIsNull[starts[row] + entry];

    public ReadOnlySpan<byte> Value(int row, int entry) => values[starts[row] + entry];

    public override void Append(IArrowArray array, int from, int count, int at)
    {
        var map = (MapArray)array;
        if (!MarkPresent(map, from, count, at))
        {
            return;
        }

        Grow(ref starts, RingChunk.MaxRows);
        Grow(ref counts, RingChunk.MaxRows);
        var offsets = map.ValueOffsets;
        var first = offsets[from];
        var added = offsets[from + count] - first;
        var names = (StringArray)map.Keys;
        var texts = (StringArray)map.Values;
        if (added > 0)
        {
            keys.Append(names, first, added, entries);
            values.Append(texts, first, added, entries);
            Grow(ref valueIsNull, entries + added);
            for (var i = 0; i < added; i++)
            {
                valueIsNull[entries + i] = texts.IsNull(first + i);
            }
        }

        for (var i = 0; i < count; i++)
        {
            starts[at + i] = entries + offsets[from + i] - first;
            counts[at + i] = offsets[from + i + 1] - offsets[from + i];
        }

        entries += added;
    }

    public override void Trim()
    {
        keys.Trim();
        values.Trim();
    }
}
