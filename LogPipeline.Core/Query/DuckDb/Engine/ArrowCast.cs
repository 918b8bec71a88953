using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using LogPipeline.Core.Types;
using DecimalType = LogPipeline.Core.Types.DecimalType;
using IntervalType = LogPipeline.Core.Types.IntervalType;
using MapType = LogPipeline.Core.Types.MapType;
using StructType = LogPipeline.Core.Types.StructType;

namespace LogPipeline.Core.Query.DuckDb.Engine;

/// <summary>Re-labels or converts one of DuckDB's arrays to a type of the plan. A loss is an error, never a changed value.</summary>
internal static class ArrowCast
{
    /// <summary>Shares the buffers of <paramref name="data"/> wherever the layouts are equal.</summary>
    public static ArrayData To(ArrayData data, DataType type, string column)
    {
        switch (type)
        {
            case PrimitiveType { Name: "void" }:
                return new ArrayData(NullType.Default, data.Length, data.Length, 0, []);
            case DecimalType exact when data.DataType is Decimal128Type from && from.Scale == exact.Scale:
                return Relabel(data, ArrowTypes.Of(type));
            case PrimitiveType { Name: "timestamp" or "timestamp_ntz" } when data.DataType is TimestampType { Unit: TimeUnit.Microsecond }:
                return Relabel(data, ArrowTypes.Of(type));
            case ArrayType array when data.DataType is ListType:
                return WithChildren(data, ArrowTypes.Of(type), [To(data.Children[0], array.Element, column)]);
            case MapType map when data.DataType is Apache.Arrow.Types.MapType:
                return ToMap(data, map, column);
            case StructType row when data.DataType is Apache.Arrow.Types.StructType:
                return WithChildren(data, ArrowTypes.Of(type), [.. data.Children.Select((child, index) => To(child, row.Fields[index].Type, column))]);
            case IntervalType interval when data.DataType is Apache.Arrow.Types.IntervalType { Unit: IntervalUnit.MonthDayNanosecond }:
                return interval.IsYearMonth
                    ? Convert<MonthDayNanos, int>(data, Apache.Arrow.Types.IntervalType.YearMonth, static value => value.Months)
                    : Convert<MonthDayNanos, long>(data, DurationType.Microsecond, static value => checked((value.Days * 86_400_000_000L) + (value.Nanoseconds / 1_000)));
            case IntervalType when data.DataType.TypeId is ArrowTypeId.Int64 or ArrowTypeId.Int32:
                return Relabel(Integers(data, type, column), ArrowTypes.Of(type));
        }

        var target = ArrowTypes.Of(type);
        if (data.DataType.TypeId == ArrowTypeId.Int32 && data.DataType.TypeId != target.TypeId && IsAllNull(data))
        {
            // A bare NULL is an INTEGER to DuckDB, whatever the plan takes it for.
            return ArrowCopy.Nulls(target, data.Length);
        }

        return data.DataType.TypeId == target.TypeId ? data
            : IsInteger(target) ? Integers(data, type, column)
            : throw Mismatch(data, type, column);
    }

    private static ArrayData ToMap(ArrayData data, MapType map, string column)
    {
        var entries = data.Children[0];
        var target = (Apache.Arrow.Types.MapType)ArrowTypes.Of(map);
        var pairs = new Apache.Arrow.Types.StructType([target.KeyField, target.ValueField]);
        return WithChildren(data, target, [WithChildren(entries, pairs, [To(entries.Children[0], map.Key, column), To(entries.Children[1], map.Value, column)])]);
    }

    private static ArrayData Integers(ArrayData data, DataType type, string column)
    {
        Func<int, long> read = data.DataType.TypeId switch
        {
            ArrowTypeId.Int8 => Reader<sbyte>(data, static value => value),
            ArrowTypeId.UInt8 => Reader<byte>(data, static value => value),
            ArrowTypeId.Int16 => Reader<short>(data, static value => value),
            ArrowTypeId.UInt16 => Reader<ushort>(data, static value => value),
            ArrowTypeId.Int32 => Reader<int>(data, static value => value),
            ArrowTypeId.UInt32 => Reader<uint>(data, static value => value),
            ArrowTypeId.Int64 => Reader<long>(data, static value => value),
            ArrowTypeId.UInt64 => Reader<ulong>(data, static value => checked((long)value)),
            ArrowTypeId.Decimal128 when ((Decimal128Type)data.DataType).Scale == 0 => Reader<Int128>(data, static value => checked((long)value)),
            _ => throw Mismatch(data, type, column),
        };
        try
        {
            return type switch
            {
                PrimitiveType { Name: "tinyint" } => Fill(data, Int8Type.Default, row => checked((sbyte)read(row))),
                PrimitiveType { Name: "smallint" } => Fill(data, Int16Type.Default, row => checked((short)read(row))),
                PrimitiveType { Name: "int" } or IntervalType { IsYearMonth: true } => Fill(data, Int32Type.Default, row => checked((int)read(row))),
                PrimitiveType { Name: "bigint" } or IntervalType => Fill(data, Int64Type.Default, read),
                _ => throw Mismatch(data, type, column),
            };
        }
        catch (OverflowException)
        {
            throw new QueryException("ARITHMETIC_OVERFLOW", "22003", $"A value of column {column} does not fit in {type.SimpleString}.");
        }
    }

    private static Func<int, long> Reader<T>(ArrayData data, Func<T, long> widen)
        where T : unmanaged =>
        row => widen(MemoryMarshal.Cast<byte, T>(data.Buffers[1].Span)[data.Offset + row]);

    private static ArrayData Convert<TFrom, TTo>(ArrayData data, IArrowType target, Func<TFrom, TTo> convert)
        where TFrom : unmanaged
        where TTo : unmanaged =>
        Fill(data, target, row => convert(MemoryMarshal.Cast<byte, TFrom>(data.Buffers[1].Span)[data.Offset + row]));

    /// <summary>Null rows hold whatever DuckDB left there, so they are not converted.</summary>
    private static ArrayData Fill<T>(ArrayData data, IArrowType target, Func<int, T> value)
        where T : unmanaged
    {
        var values = new T[data.Length];
        var valid = new byte[(data.Length + 7) / 8];
        var nulls = 0;
        for (var row = 0; row < data.Length; row++)
        {
            if (data.Buffers[0].IsEmpty || BitUtility.GetBit(data.Buffers[0].Span, data.Offset + row))
            {
                values[row] = value(row);
                BitUtility.SetBit(valid, row);
            }
            else
            {
                nulls++;
            }
        }

        var bytes = MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
        return new ArrayData(target, data.Length, nulls, 0, [nulls == 0 ? ArrowBuffer.Empty : new ArrowBuffer(valid), new ArrowBuffer(bytes)]);
    }

    private static bool IsAllNull(ArrayData data)
    {
        for (var row = 0; row < data.Length; row++)
        {
            if (data.Buffers[0].IsEmpty || BitUtility.GetBit(data.Buffers[0].Span, data.Offset + row))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsInteger(IArrowType type) => type.TypeId is ArrowTypeId.Int8 or ArrowTypeId.Int16 or ArrowTypeId.Int32 or ArrowTypeId.Int64;

    private static ArrayData Relabel(ArrayData data, IArrowType type) =>
        new(type, data.Length, data.NullCount, data.Offset, data.Buffers, data.Children, data.Dictionary);

    private static ArrayData WithChildren(ArrayData data, IArrowType type, ArrayData[] children) =>
        new(type, data.Length, data.NullCount, data.Offset, data.Buffers, children);

    private static QueryException Mismatch(ArrayData data, DataType type, string column) =>
        new("EMBEDDED_ENGINE_FAILED", "XX000", $"Column {column} should be {type.SimpleString} and the engine gave {data.DataType.Name}.");

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private readonly struct MonthDayNanos
    {
        public readonly int Months;
        public readonly int Days;
        public readonly long Nanoseconds;
    }
}
