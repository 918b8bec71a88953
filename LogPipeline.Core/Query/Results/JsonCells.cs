using System.Text.Encodings.Web;
using System.Text.Json;
using Apache.Arrow;
using LogPipeline.Core.Query.Values;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.Results;

/// <summary>Writes values as JSON.</summary>
/// <remarks>
/// Numbers are exact, bigint and decimal among them. NaN and infinities are texts. An instant is RFC 3339 in UTC
/// (<c>2015-05-17T10:00:00.12Z</c>), a <c>timestamp_ntz</c> the same without Z. A map whose keys are texts or numbers is an object.
/// </remarks>
internal static class JsonCells
{
    /// <summary>Only what JSON demands is escaped; the texts are never put into HTML as they are.</summary>
    public static JsonWriterOptions Options => new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static void Write(Utf8JsonWriter writer, IArrowArray array, DataType type, int row)
    {
        if (array.IsNull(row))
        {
            writer.WriteNullValue();
            return;
        }

        switch (array)
        {
            case BooleanArray booleans:
                writer.WriteBooleanValue(booleans.GetValue(row) == true);
                break;
            case Int8Array or Int16Array or Int32Array or Int64Array or Decimal128Array when type is not IntervalType:
                writer.WriteRawValue(CellValue.Scalar(array, type, row), skipInputValidation: true);
                break;
            case FloatArray numbers:
                WriteNumber(writer, numbers.Values[row], float.IsFinite(numbers.Values[row]) ? JavaNumber.Print(numbers.Values[row]) : null);
                break;
            case DoubleArray numbers:
                WriteNumber(writer, numbers.Values[row], double.IsFinite(numbers.Values[row]) ? JavaNumber.Print(numbers.Values[row]) : null);
                break;
            case TimestampArray instants:
                writer.WriteStringValue(InstantText.Rfc3339(instants.Values[row]) + (type == DataTypes.TimestampNtz ? "" : "Z"));
                break;
            case MapArray map when type is MapType of:
                WriteMap(writer, map, of, row);
                break;
            case ListArray list when type is ArrayType of:
                writer.WriteStartArray();
                for (var index = list.ValueOffsets[row]; index < list.ValueOffsets[row + 1]; index++)
                {
                    Write(writer, list.Values, of.Element, index);
                }

                writer.WriteEndArray();
                break;
            case StructArray fields when type is StructType of:
                writer.WriteStartObject();
                var names = UniqueNames.Of([.. of.Fields.Select(field => field.Name)]);
                for (var index = 0; index < of.Fields.Count; index++)
                {
                    writer.WritePropertyName(names[index]);
                    Write(writer, fields.Fields[index], of.Fields[index].Type, row);
                }

                writer.WriteEndObject();
                break;
            default:
                writer.WriteStringValue(CellValue.Scalar(array, type, row));
                break;
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, double value, string? printed)
    {
        if (printed is null)
        {
            writer.WriteStringValue(JavaNumber.Print(value));
        }
        else
        {
            writer.WriteRawValue(printed, skipInputValidation: true);
        }
    }

    private static void WriteMap(Utf8JsonWriter writer, MapArray map, MapType type, int row)
    {
        writer.WriteStartObject();
        for (var index = map.ValueOffsets[row]; index < map.ValueOffsets[row + 1]; index++)
        {
            writer.WritePropertyName(CellValue.Text(map.Keys, type.Key, index) ?? "null");
            Write(writer, map.Values, type.Value, index);
        }

        writer.WriteEndObject();
    }
}
