using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Apache.Arrow;
using LogPipeline.Core.Query;
using LogPipeline.Core.Query.Results;
using LogPipeline.Core.Types;

namespace LogPipeline.Tests.Query.Conformance;

/// <summary>Our rows in the form of <c>queries.json</c>, and the comparison of the two.</summary>
internal static class CanonicalValue
{
    private const double Tolerance = 1e-9;
    private const double ApproximateTolerance = 1e-3;

    public static List<JsonNode?[]> Rows(QueryResult result)
    {
        var rows = new List<JsonNode?[]>();
        foreach (var batch in result.Batches)
        {
            for (var row = 0; row < batch.Length; row++)
            {
                rows.Add([.. result.Columns.Select((column, index) => Of(batch.Column(index), column.Type, row))]);
            }
        }

        return rows;
    }

    private static JsonNode? Of(IArrowArray array, DataType type, int row)
    {
        if (array.IsNull(row))
        {
            return null;
        }

        switch (array)
        {
            case BooleanArray values:
                return values.GetValue(row)!.Value;
            case TimestampArray values:
                var micros = values.GetValue(row)!.Value;
                var text = CellValue.Text(array, type, row)!;
                var fraction = ((micros % 1_000_000) + 1_000_000) % 1_000_000;
                return fraction == 0 ? text + ".000000" : text[..(text.IndexOf('.', StringComparison.Ordinal) + 1)] + fraction.ToString("000000", CultureInfo.InvariantCulture);
            case Int8Array or Int16Array or Int32Array or Int64Array when type is PrimitiveType:
                return BigIntegerNode(CellValue.Text(array, type, row)!);
            case FloatArray values:
                return Number(values.GetValue(row)!.Value);
            case DoubleArray values:
                return Number(values.GetValue(row)!.Value);
            case MapArray map when type is MapType of:
                var pairs = Enumerable.Range(map.ValueOffsets[row], map.ValueOffsets[row + 1] - map.ValueOffsets[row])
                    .Select(index => new JsonArray(Of(map.Keys, of.Key, index), Of(map.Values, of.Value, index)))
                    .OrderBy(pair => pair[0]!.ToJsonString(), StringComparer.Ordinal);
                return new JsonArray([.. pairs]);
            case ListArray list when type is ArrayType of:
                return new JsonArray([.. Enumerable.Range(list.ValueOffsets[row], list.ValueOffsets[row + 1] - list.ValueOffsets[row]).Select(index => Of(list.Values, of.Element, index))]);
            case StructArray fields when type is StructType of:
                return new JsonObject(of.Fields.Select((field, index) => KeyValuePair.Create(field.Name, Of(fields.Fields[index], field.Type, row))));
            default:
                return CellValue.Text(array, type, row);
        }
    }

    private static JsonNode BigIntegerNode(string text) => JsonNode.Parse(text)!;

    private static JsonNode Number(double value) =>
        double.IsFinite(value) ? JsonValue.Create(value) : double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";

    public static bool Equal(JsonNode? ours, JsonElement spark, bool approximate)
    {
        switch (spark.ValueKind)
        {
            case JsonValueKind.Null:
                return ours is null;
            case JsonValueKind.True or JsonValueKind.False:
                return ours is JsonValue flag && flag.TryGetValue<bool>(out var value) && value == spark.GetBoolean();
            case JsonValueKind.String:
                return ours is JsonValue text && text.TryGetValue<string>(out var ourText)
                    && (ourText == spark.GetString() || (approximate && Near(ourText, spark.GetString()!, ApproximateTolerance)));
            case JsonValueKind.Number:
                return ours is JsonValue && (ours.ToJsonString() == spark.GetRawText() || Near(ours.ToJsonString(), spark.GetRawText(), approximate ? ApproximateTolerance : Tolerance));
            case JsonValueKind.Array:
                return ours is JsonArray array && array.Count == spark.GetArrayLength()
                    && array.Zip(spark.EnumerateArray()).All(pair => Equal(pair.First, pair.Second, approximate));
            default:
                return ours is JsonObject fields && fields.Count == spark.EnumerateObject().Count()
                    && fields.Zip(spark.EnumerateObject()).All(pair => pair.First.Key == pair.Second.Name && Equal(pair.First.Value, pair.Second.Value, approximate));
        }
    }

    /// <summary>Integers are compared exactly, floating-point numbers relatively.</summary>
    private static bool Near(string ours, string spark, double tolerance)
    {
        if (BigInteger.TryParse(ours, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var a)
            && BigInteger.TryParse(spark, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var b)
            && tolerance == Tolerance)
        {
            return a == b;
        }

        return double.TryParse(ours, NumberStyles.Float, CultureInfo.InvariantCulture, out var x)
            && double.TryParse(spark, NumberStyles.Float, CultureInfo.InvariantCulture, out var y)
            && (x == y || Math.Abs(x - y) <= tolerance * Math.Max(Math.Abs(x), Math.Abs(y)));
    }
}
