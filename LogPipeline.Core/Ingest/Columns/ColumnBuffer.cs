using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Apache.Arrow;
using Apache.Arrow.Types;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Ingest.Columns;

/// <summary>How the values of a column are laid out.</summary>
internal enum ColumnKind
{
    Text,
    Int32,
    Int64,
    Double,
    Boolean,
    Timestamp,
}

/// <summary>One growing Arrow column over pooled arrays. Rows are set in order; a row that is not set is null.</summary>
/// <remarks>
/// Invariant: rows before <see cref="count"/> are final apart from the last one, which may be set again or unset until
/// the next row begins; validity bits at or after <see cref="count"/> are zero.
/// </remarks>
internal sealed class ColumnBuffer
{
    private readonly int width;
    private byte[] validity = [];
    private byte[] fixedValues = [];
    private byte[] text = [];
    private int rowCapacity;
    private int count;
    private int present;
    private int textLength;
    private int rowHint = 256;
    private int textHint;

    public ColumnBuffer(string name, ColumnKind kind)
    {
        Name = name;
        Kind = kind;
        width = kind switch
        {
            ColumnKind.Text or ColumnKind.Int32 => 4,
            ColumnKind.Boolean => 1,
            _ => 8,
        };
    }

    public string Name { get; }

    public ColumnKind Kind { get; }

    /// <summary>Bytes of text held.</summary>
    public int TextLength => textLength;

    public static ColumnKind KindOf(PrimitiveType type) => type.Name switch
    {
        "string" => ColumnKind.Text,
        "int" => ColumnKind.Int32,
        "bigint" => ColumnKind.Int64,
        "double" => ColumnKind.Double,
        "boolean" => ColumnKind.Boolean,
        "timestamp" => ColumnKind.Timestamp,
        _ => throw new ArgumentException($"A stream column cannot be of type {type.Name}", nameof(type)),
    };

    public bool IsSet(int row) => count > row;

    /// <summary>The text of a row that is set.</summary>
    public ReadOnlySpan<byte> TextOf(int row)
    {
        var start = ReadOffset(row);
        return text.AsSpan(start, ReadOffset(row + 1) - start);
    }

    public long Int64Of(int row) => Unsafe.ReadUnaligned<long>(ref fixedValues[row * 8]);

    public void SetText(int row, ReadOnlySpan<byte> value)
    {
        value.CopyTo(Reserve(row, value.Length));
        CommitText(row, value.Length);
    }

    /// <summary>Sets a text that stands within <paramref name="source"/>. Short ones are copied with what stands behind them, which the next text overwrites.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetText(int row, ReadOnlySpan<byte> source, int start, int length)
    {
        if (length > Vector256<byte>.Count || source.Length - start < Vector256<byte>.Count)
        {
            SetText(row, source.Slice(start, length));
            return;
        }

        Begin(row);
        if (text.Length - textLength < Vector256<byte>.Count)
        {
            Grow(ref text, textLength, Math.Max(textHint, textLength + Vector256<byte>.Count));
        }

        Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)start)
            .StoreUnsafe(ref MemoryMarshal.GetArrayDataReference(text), (nuint)textLength);
        CommitText(row, length);
    }

    /// <summary>Room for a text of at most <paramref name="length"/> bytes; <see cref="CommitText"/> says how many were written.</summary>
    public Span<byte> Reserve(int row, int length)
    {
        Begin(row);
        if (text.Length - textLength < length)
        {
            Grow(ref text, textLength, Math.Max(textHint, textLength + length));
        }

        return text.AsSpan(textLength, length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CommitText(int row, int length)
    {
        textLength += length;
        Unsafe.WriteUnaligned(ref fixedValues[(row + 1) * 4], textLength);
        End(row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetInt32(int row, int value)
    {
        Begin(row);
        Unsafe.WriteUnaligned(ref fixedValues[row * 4], value);
        End(row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetInt64(int row, long value)
    {
        Begin(row);
        Unsafe.WriteUnaligned(ref fixedValues[row * 8], value);
        End(row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetDouble(int row, double value)
    {
        Begin(row);
        Unsafe.WriteUnaligned(ref fixedValues[row * 8], value);
        End(row);
    }

    public void SetBoolean(int row, bool value)
    {
        Begin(row);
        if (value)
        {
            fixedValues[row >> 3] |= (byte)(1 << (row & 7));
        }
        else
        {
            fixedValues[row >> 3] &= (byte)~(1 << (row & 7));
        }

        End(row);
    }

    /// <summary>Makes a row null again, when it is the last one and set.</summary>
    public void Unset(int row)
    {
        if (count <= row)
        {
            return;
        }

        validity[row >> 3] &= (byte)~(1 << (row & 7));
        present--;
        count = row;
        if (Kind == ColumnKind.Text)
        {
            textLength = ReadOffset(row);
        }
    }

    /// <summary>Hands the first <paramref name="rows"/> rows over; the buffer starts again empty.</summary>
    public ArrayData Build(IArrowType type, int rows, List<byte[]> rented)
    {
        EnsureRows(rows + 1);
        FillTo(rows);
        var nulls = rows - present;
        var valid = nulls == 0 ? ArrowBuffer.Empty : new ArrowBuffer(validity.AsMemory(0, (rows + 7) / 8));
        ArrowBuffer[] buffers = Kind switch
        {
            ColumnKind.Text => [valid, new ArrowBuffer(fixedValues.AsMemory(0, (rows + 1) * 4)), new ArrowBuffer(text.AsMemory(0, textLength))],
            ColumnKind.Boolean => [valid, new ArrowBuffer(fixedValues.AsMemory(0, (rows + 7) / 8))],
            _ => [valid, new ArrowBuffer(fixedValues.AsMemory(0, rows * width))],
        };
        var data = new ArrayData(type, rows, nulls, 0, buffers, (ArrayData[]?)null);
        HandOver(rented);
        return data;
    }

    /// <summary>Gives the arrays back to the pool without building.</summary>
    public void Release()
    {
        List<byte[]> rented = [];
        HandOver(rented);
        foreach (var array in rented)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    private int ReadOffset(int row) => Unsafe.ReadUnaligned<int>(ref fixedValues[row * 4]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Begin(int row)
    {
        if (row + 1 >= rowCapacity)
        {
            EnsureRows(row + 2);
        }

        if (count != row)
        {
            Align(row);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void End(int row)
    {
        count = row + 1;
        present++;
        validity[row >> 3] |= (byte)(1 << (row & 7));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Align(int row)
    {
        if (count > row)
        {
            Unset(row);
        }
        else
        {
            FillTo(row);
        }
    }

    private void FillTo(int row)
    {
        if (Kind == ColumnKind.Text)
        {
            for (var index = count; index < row; index++)
            {
                Unsafe.WriteUnaligned(ref fixedValues[(index + 1) * 4], textLength);
            }
        }
        else if (Kind != ColumnKind.Boolean && count < row)
        {
            fixedValues.AsSpan(count * width, (row - count) * width).Clear();
        }

        count = Math.Max(count, row);
    }

    private void EnsureRows(int rows)
    {
        if (rows <= rowCapacity)
        {
            return;
        }

        var wanted = Math.Max(rows, Math.Max(rowHint, rowCapacity * 2));
        var oldBits = validity.Length;
        Grow(ref validity, Math.Min(oldBits, (count + 8) / 8), (wanted + 8) / 8);
        validity.AsSpan((count + 7) / 8).Clear();
        var bitmap = Kind == ColumnKind.Boolean;
        var used = bitmap ? (count + 7) / 8 : Math.Min(fixedValues.Length, (count + 1) * width);
        var first = fixedValues.Length == 0;
        Grow(ref fixedValues, first ? 0 : used, bitmap ? (wanted + 8) / 8 : (wanted + 1) * width);
        if (bitmap)
        {
            fixedValues.AsSpan(used).Clear();
        }
        else if (first && Kind == ColumnKind.Text)
        {
            Unsafe.WriteUnaligned(ref fixedValues[0], 0);
        }

        rowCapacity = wanted;
    }

    private static void Grow(ref byte[] array, int used, int wanted)
    {
        if (wanted <= array.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(wanted, Math.Min(array.Length * 2, 1 << 28)));
        array.AsSpan(0, used).CopyTo(larger);
        if (array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(array);
        }

        array = larger;
    }

    private void HandOver(List<byte[]> rented)
    {
        rowHint = Math.Max(16, count + 2);
        textHint = textLength;
        foreach (var array in (ReadOnlySpan<byte[]>)[validity, fixedValues, text])
        {
            if (array.Length > 0)
            {
                rented.Add(array);
            }
        }

        validity = [];
        fixedValues = [];
        text = [];
        rowCapacity = 0;
        count = 0;
        present = 0;
        textLength = 0;
    }
}
