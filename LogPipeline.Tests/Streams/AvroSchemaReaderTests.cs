using LogPipeline.Core.Streams;
using LogPipeline.Core.Types;
using Xunit;

namespace LogPipeline.Tests.Streams;

public sealed class AvroSchemaReaderTests
{
    [Fact]
    public void The_shipped_web_log_schema_has_its_columns_and_then_attributes()
    {
        var schema = AvroSchemaReader.ReadShipped("web-log");

        Assert.Equal(
            "timestamp level source endpoint method status response_time user_id session_id ip user_agent referrer bytes message trace_id span_id",
            string.Join(' ', schema.Columns.Select(column => column.Name)));
        Assert.Equal("timestamp", Assert.Single(schema.Columns, column => column.Required).Name);
        Assert.Equal(StreamSchema.AttributesColumn, schema.Arrow.FieldsList[^1].Name);
        Assert.Equal(DataTypes.Double, schema.Columns[schema.IndexOf("response_time")].Type);
        Assert.Equal(-1, schema.IndexOf("Level"));
    }

    [Fact]
    public void Equal_columns_have_equal_fingerprints()
    {
        const string one = """{"type":"record","name":"A","fields":[{"name":"x","type":["null","int"]}]}""";
        Assert.Equal(AvroSchemaReader.Parse("a", one).Fingerprint, AvroSchemaReader.Parse("b", one).Fingerprint);
        Assert.NotEqual(AvroSchemaReader.Parse("a", one).Fingerprint, AvroSchemaReader.Parse("a", one.Replace("int", "long", StringComparison.Ordinal)).Fingerprint);
    }

    [Theory]
    [InlineData("""{"type":"record","name":"A"}""", "'bad' is not an Avro schema")]
    [InlineData("nonsense", "'bad' is not an Avro schema")]
    [InlineData("\"string\"", "'bad' is a String, not a record")]
    [InlineData("""{"type":"record","name":"A","fields":[{"name":"x","type":{"type":"array","items":"int"}}]}""", "field 'x': no column can hold Avro's Array")]
    [InlineData("""{"type":"record","name":"A","fields":[{"name":"x","type":["null","int","string"]}]}""", "field 'x': a union must be of null and one other type")]
    public void A_schema_that_cannot_be_used_is_refused_with_its_field(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<StreamSchemaException>(() => AvroSchemaReader.Parse("bad", json)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_schema_that_is_not_shipped_is_named() =>
        Assert.Contains("'nope'", Assert.Throws<StreamSchemaException>(() => AvroSchemaReader.ReadShipped("nope")).Message, StringComparison.Ordinal);
}
