using Apache.Arrow;
using Apache.Arrow.Memory;
using Apache.Arrow.Types;
using System.Runtime.InteropServices;
using ArrowMapType = Apache.Arrow.Types.MapType;
using ArrowStructType = Apache.Arrow.Types.StructType;

namespace LogPipeline.Core.Lake.Files;

/// <summary>Picks rows of a RecordBatch into a new one.</summary>
internal static class ArrowRows
{
    /// <summary>The rows at these indexes, in their order.</summary>
    public static RecordBatch Take(RecordBatch batch, ReadOnlySpan<int> rows)
    {
        var columns = new IArrowArray[batch.ColumnCount];
        for (var column = 0; column < columns.Length; column++)
        {
            columns[column] = ArrowArrayFactory.BuildArray(Take(batch.Column(column).Data, rows));
        }

        return new RecordBatch(batch.Schema, columns, rows.Length);
    }

    private static ArrayData Take(ArrayData data, ReadOnlySpan<int> rows)
    {
        var (validity, nulls) = TakeValidity(data, rows);
        return data.DataType switch
        {
            BooleanType => new ArrayData(data.DataType, rows.Length, nulls, 0, [validity, TakeBits(data.Buffers[1].Span, data.Offset, rows)]),
            StringType or BinaryType => TakeBytes(data, rows, validity, nulls),
            ArrowMapType or ListType => TakeList(data, rows, validity, nulls),
            ArrowStructType => TakeStruct(data, rows, validity, nulls),
            FixedWidthType fixedWidth => new ArrayData(
                data.DataType, rows.Length, nulls, 0, [validity, TakeFixed(data.Buffers[1].Span, fixedWidth.BitWidth / 8, data.Offset, rows)]),
            _ => throw new NotSupportedException($"Rows of type {data.DataType.Name} cannot be picked"),
        };
    }

    private static (ArrowBuffer Buffer, int Nulls) TakeValidity(ArrayData data, ReadOnlySpan<int> rows)
    {
        var source = data.Buffers[0];
        if (source.IsEmpty || data.NullCount == 0)
        {
            return (ArrowBuffer.Empty, 0);
        }

        var picked = new byte[BitUtility.ByteCount(rows.Length)];
        var present = 0;
        var bits = source.Span;
        for (var index = 0; index < rows.Length; index++)
        {
            if (BitUtility.GetBit(bits, data.Offset + rows[index]))
            {
                BitUtility.SetBit(picked, index);
                present++;
            }
        }

        return (new ArrowBuffer(picked), rows.Length - present);
    }

    private static ArrowBuffer TakeBits(ReadOnlySpan<byte> bits, int offset, ReadOnlySpan<int> rows)
    {
        var picked = new byte[BitUtility.ByteCount(rows.Length)];
        for (var index = 0; index < rows.Length; index++)
        {
            if (BitUtility.GetBit(bits, offset + rows[index]))
            {
                BitUtility.SetBit(picked, index);
            }
        }

        return new ArrowBuffer(picked);
    }

    private static ArrowBuffer TakeFixed(ReadOnlySpan<byte> values, int width, int offset, ReadOnlySpan<int> rows)
    {
        var picked = new byte[rows.Length * width];
        switch (width)
        {
            case 8:
                TakeValues(MemoryMarshal.Cast<byte, long>(values)[offset..], MemoryMarshal.Cast<byte, long>(picked.AsSpan()), rows);
                break;
            case 4:
                TakeValues(MemoryMarshal.Cast<byte, int>(values)[offset..], MemoryMarshal.Cast<byte, int>(picked.AsSpan()), rows);
                break;
            default:
                for (var index = 0; index < rows.Length; index++)
                {
                    values.Slice((offset + rows[index]) * width, width).CopyTo(picked.AsSpan(index * width));
                }

                break;
        }

        return new ArrowBuffer(picked);
    }

    private static void TakeValues<T>(ReadOnlySpan<T> values, Span<T> picked, ReadOnlySpan<int> rows)
    {
        for (var index = 0; index < rows.Length; index++)
        {
            picked[index] = values[rows[index]];
        }
    }

    private static ArrayData TakeBytes(ArrayData data, ReadOnlySpan<int> rows, ArrowBuffer validity, int nulls)
    {
        var offsets = MemoryMarshal.Cast<byte, int>(data.Buffers[1].Span)[data.Offset..];
        var values = data.Buffers[2].Span;
        var newOffsets = new byte[(rows.Length + 1) * sizeof(int)];
        var ends = MemoryMarshal.Cast<byte, int>(newOffsets.AsSpan());
        var total = 0;
        for (var index = 0; index < rows.Length; index++)
        {
            total += offsets[rows[index] + 1] - offsets[rows[index]];
            ends[index + 1] = total;
        }

        var bytes = new byte[total];
        for (var index = 0; index < rows.Length; index++)
        {
            var row = rows[index];
            values[offsets[row]..offsets[row + 1]].CopyTo(bytes.AsSpan(ends[index]));
        }

        return new ArrayData(data.DataType, rows.Length, nulls, 0, [validity, new ArrowBuffer(newOffsets), new ArrowBuffer(bytes)]);
    }

    private static ArrayData TakeList(ArrayData data, ReadOnlySpan<int> rows, ArrowBuffer validity, int nulls)
    {
        var offsets = MemoryMarshal.Cast<byte, int>(data.Buffers[1].Span)[data.Offset..];
        var newOffsets = new byte[(rows.Length + 1) * sizeof(int)];
        var ends = MemoryMarshal.Cast<byte, int>(newOffsets.AsSpan());
        var total = 0;
        for (var index = 0; index < rows.Length; index++)
        {
            total += offsets[rows[index] + 1] - offsets[rows[index]];
            ends[index + 1] = total;
        }

        var children = new int[total];
        for (int index = 0, child = 0; index < rows.Length; index++)
        {
            for (var item = offsets[rows[index]]; item < offsets[rows[index] + 1]; item++)
            {
                children[child++] = item;
            }
        }

        return new ArrayData(data.DataType, rows.Length, nulls, 0, [validity, new ArrowBuffer(newOffsets)], [Take(data.Children[0], children)]);
    }

    // Fields of a sliced struct are not sliced themselves: its offset applies to them.
    private static ArrayData TakeStruct(ArrayData data, ReadOnlySpan<int> rows, ArrowBuffer validity, int nulls)
    {
        var moved = rows;
        if (data.Offset != 0)
        {
            var shifted = rows.ToArray();
            for (var index = 0; index < shifted.Length; index++)
            {
                shifted[index] += data.Offset;
            }

            moved = shifted;
        }

        var children = new ArrayData[data.Children.Length];
        for (var child = 0; child < children.Length; child++)
        {
            children[child] = Take(data.Children[child], moved);
        }

        return new ArrayData(data.DataType, rows.Length, nulls, 0, [validity], children);
    }
}
