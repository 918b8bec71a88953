using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Lake.Delta;

/// <summary>Delta's <c>schemaString</c> to and from <see cref="StructType"/>.</summary>
/// <remarks>
/// Sample: <c>{"type":"struct","fields":[{"name":"status","type":"integer","nullable":true,"metadata":{}}]}</c>.
/// Source: Delta transaction log protocol, section Schema Serialization Format.
/// </remarks>
internal static class SchemaJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a schema.</summary>
    /// <exception cref="LakeException">A type is unknown; the message names it and its column.</exception>
    public static StructType Parse(string schemaString)
    {
        try
        {
            using var document = JsonDocument.Parse(schemaString);
            return ReadStruct(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new LakeException($"The table's schema cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Writes a schema; comments become column metadata.</summary>
    public static string Write(StructType schema) => WriteFields(json => WriteType(json, schema));

    /// <summary>Adds columns at the end of a schema and keeps everything else of it as it is.</summary>
    public static string Append(string schemaString, IEnumerable<StructField> fields)
    {
        using var document = JsonDocument.Parse(schemaString);
        return WriteFields(json =>
        {
            json.WriteStartObject();
            json.WriteString("type", "struct");
            json.WriteStartArray("fields");
            foreach (var field in document.RootElement.GetProperty("fields").EnumerateArray())
            {
                field.WriteTo(json);
            }

            foreach (var field in fields)
            {
                WriteField(json, field);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>Metadata keys of all columns, nested ones included, such as <c>delta.invariants</c>.</summary>
    public static IReadOnlySet<string> MetadataKeys(string schemaString)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        using var document = JsonDocument.Parse(schemaString);
        Collect(document.RootElement, keys);
        return keys;
    }

    private static void Collect(JsonElement element, HashSet<string> keys)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var one in element.EnumerateArray())
            {
                Collect(one, keys);
            }
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
            {
                if (property is { Name: "metadata", Value.ValueKind: JsonValueKind.Object })
                {
                    keys.UnionWith(property.Value.EnumerateObject().Select(one => one.Name));
                }
                else
                {
                    Collect(property.Value, keys);
                }
            }
        }
    }

    private static StructType ReadStruct(JsonElement element) =>
        new([.. element.GetProperty("fields").EnumerateArray().Select(field => new StructField(
            field.GetProperty("name").GetString()!,
            ReadType(field.GetProperty("type"), field.GetProperty("name").GetString()!),
            !field.TryGetProperty("nullable", out var nullable) || nullable.GetBoolean(),
            field.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object
                && metadata.TryGetProperty("comment", out var comment) && comment.ValueKind == JsonValueKind.String ? comment.GetString() : null))]);

    private static DataType ReadType(JsonElement element, string column)
    {
        if (element.ValueKind == JsonValueKind.String)
        {
            return ReadPrimitive(element.GetString()!, column);
        }

        return element.GetProperty("type").GetString() switch
        {
            "struct" => ReadStruct(element),
            "array" => new ArrayType(ReadType(element.GetProperty("elementType"), column), element.GetProperty("containsNull").GetBoolean()),
            "map" => new MapType(
                ReadType(element.GetProperty("keyType"), column),
                ReadType(element.GetProperty("valueType"), column),
                element.GetProperty("valueContainsNull").GetBoolean()),
            var other => throw new LakeException($"Column '{column}' has the type '{other}', which this release cannot read"),
        };
    }

    private static DataType ReadPrimitive(string name, string column)
    {
        if (DataTypes.All.FirstOrDefault(type => type.JsonName == name) is { } primitive)
        {
            return primitive;
        }

        if (name == "decimal")
        {
            return new DecimalType(10, 0);
        }

        if (name.StartsWith("decimal(", StringComparison.Ordinal) && name.EndsWith(')')
            && name[8..^1].Split(',') is [var precision, var scale]
            && int.TryParse(precision, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var digits)
            && int.TryParse(scale, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var after))
        {
            return new DecimalType(digits, after);
        }

        throw new LakeException($"Column '{column}' has the type '{name}', which this release cannot read");
    }

    private static string WriteFields(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void WriteType(Utf8JsonWriter json, DataType type)
    {
        switch (type)
        {
            case StructType structure:
                json.WriteStartObject();
                json.WriteString("type", "struct");
                json.WriteStartArray("fields");
                foreach (var field in structure.Fields)
                {
                    WriteField(json, field);
                }

                json.WriteEndArray();
                json.WriteEndObject();
                break;
            case ArrayType array:
                json.WriteStartObject();
                json.WriteString("type", "array");
                json.WritePropertyName("elementType");
                WriteType(json, array.Element);
                json.WriteBoolean("containsNull", array.ContainsNull);
                json.WriteEndObject();
                break;
            case MapType map:
                json.WriteStartObject();
                json.WriteString("type", "map");
                json.WritePropertyName("keyType");
                WriteType(json, map.Key);
                json.WritePropertyName("valueType");
                WriteType(json, map.Value);
                json.WriteBoolean("valueContainsNull", map.ValueContainsNull);
                json.WriteEndObject();
                break;
            case PrimitiveType primitive:
                json.WriteStringValue(primitive.JsonName);
                break;
            default:
                json.WriteStringValue(type.SimpleString);
                break;
        }
    }

    private static void WriteField(Utf8JsonWriter json, StructField field)
    {
        json.WriteStartObject();
        json.WriteString("name", field.Name);
        json.WritePropertyName("type");
        WriteType(json, field.Type);
        json.WriteBoolean("nullable", field.Nullable);
        json.WriteStartObject("metadata");
        if (field.Comment is not null)
        {
            json.WriteString("comment", field.Comment);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
