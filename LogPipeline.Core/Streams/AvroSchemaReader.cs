using Avro;
using LogPipeline.Core.Types;
using AvroSchema = Avro.Schema;

namespace LogPipeline.Core.Streams;

/// <summary>Reads stream schemas from Avro record schemas (<c>.avsc</c>).</summary>
/// <remarks>Source: Apache Avro 1.12 specification. A field is a column; a union with null is an optional column.</remarks>
public static class AvroSchemaReader
{
    /// <summary>Reads the schema that the product ships under this name, such as <c>web-log</c>.</summary>
    /// <exception cref="StreamSchemaException">No schema of that name is shipped, or it cannot be used.</exception>
    public static StreamSchema ReadShipped(string name)
    {
        using var stream = typeof(AvroSchemaReader).Assembly.GetManifestResourceStream($"schemas/{name}.avsc")
            ?? throw new StreamSchemaException($"No schema named '{name}' is shipped; give the path of an .avsc file");
        using var reader = new StreamReader(stream);
        return Parse(name, reader.ReadToEnd());
    }

    /// <summary>Reads a schema from the text of an <c>.avsc</c> file.</summary>
    /// <exception cref="StreamSchemaException">The text is no Avro record, or a field has a type that no column can hold.</exception>
    public static StreamSchema Parse(string name, string json)
    {
        AvroSchema schema;
        try
        {
            schema = AvroSchema.Parse(json);
        }
        catch (Exception error) when (error is AvroException or Newtonsoft.Json.JsonException)
        {
            throw new StreamSchemaException($"Schema '{name}' is not an Avro schema: {error.Message}", error);
        }

        if (schema is not RecordSchema record)
        {
            throw new StreamSchemaException($"Schema '{name}' is a {schema.Tag}, not a record");
        }

        return new StreamSchema(name, [.. record.Fields.Select(field => ColumnOf(name, field))]);
    }

    private static StreamColumn ColumnOf(string schemaName, Field field)
    {
        var type = field.Schema;
        var required = true;
        if (type is UnionSchema union)
        {
            required = union.Schemas.All(branch => branch.Tag != AvroSchema.Type.Null);
            var branches = union.Schemas.Where(branch => branch.Tag != AvroSchema.Type.Null).ToList();
            if (branches.Count != 1)
            {
                throw new StreamSchemaException($"Schema '{schemaName}', field '{field.Name}': a union must be of null and one other type");
            }

            type = branches[0];
        }

        PrimitiveType column = type switch
        {
            LogicalSchema { LogicalTypeName: "timestamp-micros" or "timestamp-millis" } => DataTypes.Timestamp,
            { Tag: AvroSchema.Type.String } => DataTypes.String,
            { Tag: AvroSchema.Type.Int } => DataTypes.Integer,
            { Tag: AvroSchema.Type.Long } => DataTypes.Long,
            { Tag: AvroSchema.Type.Double or AvroSchema.Type.Float } => DataTypes.Double,
            { Tag: AvroSchema.Type.Boolean } => DataTypes.Boolean,
            _ => throw new StreamSchemaException($"Schema '{schemaName}', field '{field.Name}': no column can hold Avro's {type.Tag}"),
        };
        return new StreamColumn(field.Name, column, required, field.Documentation);
    }
}
