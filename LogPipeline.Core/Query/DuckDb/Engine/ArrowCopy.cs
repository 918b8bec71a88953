using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace LogPipeline.Core.Query.DuckDb.Engine;

/// <summary>Joins arrays into one that owns its memory. Arrow's own concatenation shares what it need not copy, and DuckDB's memory must be given back.</summary>
internal static class ArrowCopy
{
    /// <summary>Rows of an array: <paramref name="Start"/> counts from the array's own offset.</summary>
    private readonly record struct Piece(ArrayData Data, int Start, int Length)
    {
        public int First => Data.Offset + Start;
    }

    public static ArrayData Concatenate(IArrowType type, IReadOnlyList<ArrayData> arrays) =>
        Join(type, [.. arrays.Select(array => new Piece(array, 0, array.Length))]);

    /// <summary>An array of nulls.</summary>
    public static ArrayData Nulls(IArrowType type, int length)
    {
        var none = new ArrowBuffer(new byte[(length + 7) / 8]);
        return type switch
        {
            NullType => new ArrayData(type, length, length, 0, []),
            BooleanType => new ArrayData(type, length, length, 0, [none, none]),
            StringType or BinaryType => new ArrayData(type, length, length, 0, [none, Zeros(length + 1, sizeof(int)), ArrowBuffer.Empty]),
            Apache.Arrow.Types.MapType or ListType => new ArrayData(type, length, length, 0, [none, Zeros(length + 1, sizeof(int))], [Nulls(ElementType(type), 0)]),
            StructType row => new ArrayData(type, length, length, 0, [none], [.. row.Fields.Select(field => Nulls(field.DataType, length))]),
            _ => new ArrayData(type, length, length, 0, [none, Zeros(length, ((FixedWidthType)type).BitWidth / 8)]),
        };

        static ArrowBuffer Zeros(int count, int width) => new(new byte[count * width]);
    }

    private static ArrayData Join(IArrowType type, Piece[] pieces)
    {
        var length = pieces.Sum(piece => piece.Length);
        if (type is NullType)
        {
            return new ArrayData(type, length, length, 0, []);
        }

        var validity = Validity(pieces, length, out var nulls);
        switch (type)
        {
            case BooleanType:
                return new ArrayData(type, length, nulls, 0, [validity, Bits(pieces, length, buffer: 1)]);
            case StringType or BinaryType:
                return new ArrayData(type, length, nulls, 0, [validity, Offsets(pieces, length, out var bytes), Bytes(pieces, bytes)]);
            case Apache.Arrow.Types.MapType or ListType:
                var offsets = Offsets(pieces, length, out _);
                var elements = pieces.Select(piece => new Piece(piece.Data.Children[0], Offset(piece, 0), Offset(piece, piece.Length) - Offset(piece, 0))).ToArray();
                return new ArrayData(type, length, nulls, 0, [validity, offsets], [Join(ElementType(type), elements)]);
            case StructType row:
                var children = row.Fields.Select((field, index) =>
                    Join(field.DataType, [.. pieces.Select(piece => new Piece(piece.Data.Children[index], piece.First, piece.Length))]));
                return new ArrayData(type, length, nulls, 0, [validity], [.. children]);
            default:
                return new ArrayData(type, length, nulls, 0, [validity, Fixed(pieces, length, ((FixedWidthType)type).BitWidth / 8)]);
        }
    }

    private static IArrowType ElementType(IArrowType type) => type switch
    {
        Apache.Arrow.Types.MapType map => new StructType([map.KeyField, map.ValueField]),
        ListType list => list.ValueDataType,
        _ => throw new NotSupportedException(type.Name),
    };

    private static ArrowBuffer Validity(Piece[] pieces, int length, out int nulls)
    {
        nulls = 0;
        if (pieces.All(piece => piece.Data.Buffers[0].IsEmpty))
        {
            return ArrowBuffer.Empty;
        }

        var bits = new byte[(length + 7) / 8];
        var at = 0;
        foreach (var piece in pieces)
        {
            var source = piece.Data.Buffers[0].Span;
            for (var row = 0; row < piece.Length; row++, at++)
            {
                if (source.IsEmpty || BitUtility.GetBit(source, piece.First + row))
                {
                    BitUtility.SetBit(bits, at);
                }
                else
                {
                    nulls++;
                }
            }
        }

        return nulls == 0 ? ArrowBuffer.Empty : new ArrowBuffer(bits);
    }

    private static ArrowBuffer Bits(Piece[] pieces, int length, int buffer)
    {
        var bits = new byte[(length + 7) / 8];
        var at = 0;
        foreach (var piece in pieces)
        {
            var source = piece.Data.Buffers[buffer].Span;
            for (var row = 0; row < piece.Length; row++, at++)
            {
                if (BitUtility.GetBit(source, piece.First + row))
                {
                    BitUtility.SetBit(bits, at);
                }
            }
        }

        return new ArrowBuffer(bits);
    }

    private static int Offset(Piece piece, int row) =>
        piece.Length == 0 ? 0 : MemoryMarshal.Cast<byte, int>(piece.Data.Buffers[1].Span)[piece.First + row];

    private static ArrowBuffer Offsets(Piece[] pieces, int length, out int total)
    {
        var joined = new byte[(length + 1) * sizeof(int)];
        var offsets = MemoryMarshal.Cast<byte, int>(joined.AsSpan());
        var at = 0;
        total = 0;
        foreach (var piece in pieces.Where(piece => piece.Length > 0))
        {
            var source = MemoryMarshal.Cast<byte, int>(piece.Data.Buffers[1].Span).Slice(piece.First, piece.Length + 1);
            for (var row = 0; row < piece.Length; row++)
            {
                offsets[at++] = checked(total + source[row] - source[0]);
            }

            total = checked(total + source[^1] - source[0]);
        }

        offsets[at] = total;
        return new ArrowBuffer(joined);
    }

    private static ArrowBuffer Bytes(Piece[] pieces, int total)
    {
        var joined = new byte[total];
        var at = 0;
        foreach (var piece in pieces)
        {
            var start = Offset(piece, 0);
            var count = Offset(piece, piece.Length) - start;
            if (count > 0)
            {
                piece.Data.Buffers[2].Span.Slice(start, count).CopyTo(joined.AsSpan(at));
                at += count;
            }
        }

        return new ArrowBuffer(joined);
    }

    private static ArrowBuffer Fixed(Piece[] pieces, int length, int width)
    {
        var joined = new byte[length * width];
        var at = 0;
        foreach (var piece in pieces)
        {
            piece.Data.Buffers[1].Span.Slice(piece.First * width, piece.Length * width).CopyTo(joined.AsSpan(at));
            at += piece.Length * width;
        }

        return new ArrowBuffer(joined);
    }
}
