using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Types;
using LogPipeline.Core.Query;
using LogPipeline.Core.Query.Results;
using LogPipeline.Core.Types;
using Xunit;

namespace LogPipeline.Tests.Query.Results;

public sealed class ResultWriterTests
{
    private static QueryResult Sample()
    {
        QueryColumn[] columns =
        [
            new("n", DataTypes.Long), new("n", DataTypes.String), new("x", DataTypes.Double), new("t", DataTypes.Timestamp), new("d", DataTypes.Date), new("b", DataTypes.Binary),
        ];
        IArrowArray[] arrays =
        [
            new Int64Array.Builder().Append(9223372036854775807).AppendNull().Build(),
            new StringArray.Builder().Append("a,\"b\"\nc").Append("").Build(),
            new DoubleArray.Builder().Append(double.NaN).Append(1e7).Build(),
            new TimestampArray.Builder(new TimestampType(TimeUnit.Microsecond, "UTC")).Append(DateTimeOffset.UnixEpoch.AddTicks(-10)).AppendNull().Build(),
            new Date32Array.Builder().Append(new DateTime(2015, 5, 17, 0, 0, 0, DateTimeKind.Utc)).AppendNull().Build(),
            new BinaryArray.Builder().Append([0, 255]).AppendNull().Build(),
        ];
        var schema = new Schema(columns.Select((column, index) => new Field(column.Name, arrays[index].Data.DataType, true)), null);
        return new QueryResult(columns, [new RecordBatch(schema, arrays, 2)], true, TimeSpan.FromMilliseconds(1_756), "embedded", [new TableVersion("logs", 12, DateTimeOffset.UnixEpoch)]);
    }

    [Fact]
    public async Task Csv_is_rfc_4180_and_tells_null_from_empty() => Assert.Equal(
        "n,n,x,t,d,b\r\n9223372036854775807,\"a,\"\"b\"\"\nc\",NaN,1969-12-31 23:59:59.999999,2015-05-17,00ff\r\n,\"\",1.0E7,,,\r\n",
        await ResultWriter.ToStringAsync(Sample(), ResultFormat.Csv, TestContext.Current.CancellationToken));

    [Fact]
    public async Task Json_is_an_array_of_objects_with_unique_names_and_exact_numbers()
    {
        var text = await ResultWriter.ToStringAsync(Sample(), ResultFormat.Json, TestContext.Current.CancellationToken);
        using var document = JsonDocument.Parse(text);
        var row = document.RootElement[0];
        Assert.Equal("9223372036854775807", row.GetProperty("n").GetRawText());
        Assert.Equal("a,\"b\"\nc", row.GetProperty("n_2").GetString());
        Assert.Equal("NaN", row.GetProperty("x").GetString());
        Assert.StartsWith("1969-12-31T23:59:59.99999", row.GetProperty("t").GetString(), StringComparison.Ordinal);
        Assert.EndsWith("Z", row.GetProperty("t").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, document.RootElement[1].GetProperty("n").ValueKind);
        Assert.Equal(10_000_000.0, document.RootElement[1].GetProperty("x").GetDouble());
    }

    [Fact]
    public async Task Ndjson_has_an_object_a_line()
    {
        var lines = (await ResultWriter.ToStringAsync(Sample(), ResultFormat.Ndjson, TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.All(lines, line => Assert.Equal(6, JsonDocument.Parse(line).RootElement.EnumerateObject().Count()));
    }

    [Fact]
    public async Task A_table_is_aligned_and_cannot_move_the_cursor()
    {
        QueryColumn[] columns = [new("n", DataTypes.Integer), new("text", DataTypes.String)];
        IArrowArray[] arrays = [new Int32Array.Builder().Append(1).Append(234).Build(), new StringArray.Builder().Append("日本\u001B[2J").AppendNull().Build()];
        var schema = new Schema(columns.Select((column, index) => new Field(column.Name, arrays[index].Data.DataType, true)), null);
        var result = new QueryResult(columns, [new RecordBatch(schema, arrays, 2)], false, TimeSpan.Zero, "embedded", []);
        Assert.Equal(
            """
            +-----+----------+
            | n   | text     |
            +-----+----------+
            |   1 | 日本␛[2J |
            | 234 | NULL     |
            +-----+----------+

            """.Replace("| n   |", "|   n |", StringComparison.Ordinal),
            await ResultWriter.ToStringAsync(result, ResultFormat.Table, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_empty_answer_is_whole_in_every_format()
    {
        var result = Sample() with { Batches = [] };
        Assert.Equal("[]\n", await ResultWriter.ToStringAsync(result, ResultFormat.Json, TestContext.Current.CancellationToken));
        Assert.Equal("", await ResultWriter.ToStringAsync(result, ResultFormat.Ndjson, TestContext.Current.CancellationToken));
        Assert.Equal("n,n,x,t,d,b\r\n", await ResultWriter.ToStringAsync(result, ResultFormat.Csv, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_rest_answer_has_the_shape_of_the_contract()
    {
        using var buffer = new MemoryStream();
        var sample = Sample();
        await using (var response = new QueryResponse(buffer))
        {
            await response.BeginAsync(sample.Columns, TestContext.Current.CancellationToken);
            foreach (var batch in sample.Batches)
            {
                await response.WriteAsync(batch, TestContext.Current.CancellationToken);
            }

            await response.CompleteAsync(sample, TestContext.Current.CancellationToken);
        }

        using var document = JsonDocument.Parse(buffer.ToArray());
        var root = document.RootElement;
        Assert.Equal(["columns", "results", "executionTime", "executionMs", "truncated", "engine", "version"], root.EnumerateObject().Select(one => one.Name));
        Assert.Equal("1.76s", root.GetProperty("executionTime").GetString());
        Assert.Equal(1_756, root.GetProperty("executionMs").GetInt32());
        Assert.Equal("n_2", root.GetProperty("columns")[1].GetProperty("name").GetString());
        Assert.Equal("bigint", root.GetProperty("columns")[0].GetProperty("type").GetString());
        Assert.Equal(12, root.GetProperty("version").GetInt64());
        Assert.True(root.GetProperty("truncated").GetBoolean());
        Assert.Equal(2, root.GetProperty("results").GetArrayLength());
    }

    [Fact]
    public void Equal_names_are_numbered_without_meeting_others() =>
        Assert.Equal(["n", "n_3", "n_2", "n_4"], UniqueNames.Of(["n", "n", "n_2", "n"]));
}
