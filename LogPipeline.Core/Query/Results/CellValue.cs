using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Apache.Arrow;
using LogPipeline.Core.Query.Values;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.Results;

/// <summary>Prints single values of a result.</summary>
/// <remarks>
/// Text is what Spark's cast to string gives: <c>1.0E7</c>, <c>2015-05-17 10:00:00.12</c> (UTC), <c>true</c>. Binary values are
/// lower-case hexadecimal. Arrays, maps and structs are JSON, so that they stay exact and can be read back.
/// </remarks>
public static class CellValue
{
    /// <summary>The text of a value; null for null.</summary>
    /// <param name="array">A column of a batch.</param>
    /// <param name="type">Its Spark type.</param>
    /// <param name="row">Row within the batch.</param>
    public static string? Text(IArrowArray array, DataType type, int row)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentNullException.ThrowIfNull(type);
        return array.IsNull(row) ? null
            : type is ArrayType or MapType or StructType ? Json(array, type, row)
            : Scalar(array, type, row);
    }

    /// <summary>The JSON of a value: <c>null</c>, <c>12</c>, <c>"text"</c>, <c>"2015-05-17T10:00:00.12Z"</c>, <c>{"a":1}</c>.</summary>
    /// <param name="array">A column of a batch.</param>
    /// <param name="type">Its Spark type.</param>
    /// <param name="row">Row within the batch.</param>
    public static string Json(IArrowArray array, DataType type, int row)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JsonCells.Options))
        {
            JsonCells.Write(writer, array, type, row);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The text of a value that has no parts and is not null.</summary>
    internal static string Scalar(IArrowArray array, DataType type, int row) => array switch
    {
        BooleanArray booleans => booleans.GetValue(row) == true ? "true" : "false",
        Int8Array numbers => numbers.Values[row].ToString(CultureInfo.InvariantCulture),
        Int16Array numbers => numbers.Values[row].ToString(CultureInfo.InvariantCulture),
        Int32Array numbers => numbers.Values[row].ToString(CultureInfo.InvariantCulture),
        Int64Array numbers => numbers.Values[row].ToString(CultureInfo.InvariantCulture),
        FloatArray numbers => JavaNumber.Print(numbers.Values[row]),
        DoubleArray numbers => JavaNumber.Print(numbers.Values[row]),
        Decimal128Array decimals => ExactNumber.Print(new BigInteger(decimals.GetBytes(row)), decimals.Scale),
        Date32Array days => InstantText.Date(days.Values[row]),
        TimestampArray instants => InstantText.Timestamp(instants.Values[row]),
        YearMonthIntervalArray months when type is IntervalType interval => IntervalText.Months(months.Values[row].Months, interval),
        DurationArray micros when type is IntervalType interval => IntervalText.Micros(micros.Values[row], interval),
        StringArray texts => texts.GetString(row),
        BinaryArray bytes => Convert.ToHexStringLower(bytes.GetBytes(row)),
        _ => throw new NotSupportedException($"Values of type {type.SimpleString} cannot be printed."),
    };
}
