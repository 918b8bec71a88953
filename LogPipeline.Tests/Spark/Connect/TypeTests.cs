using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Types;
using LogPipeline.Spark.Connect;
using LogPipeline.Tests.Engines;
using Xunit;

namespace LogPipeline.Tests.Spark.Connect;

/// <summary>Spark's types on their way to Arrow, and .NET values on their way to Spark.</summary>
public sealed class TypeTests(SparkConnectServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("TRUE", "boolean", typeof(BooleanType))]
    [InlineData("1Y", "tinyint", typeof(Int8Type))]
    [InlineData("1S", "smallint", typeof(Int16Type))]
    [InlineData("1", "int", typeof(Int32Type))]
    [InlineData("1L", "bigint", typeof(Int64Type))]
    [InlineData("1.5F", "float", typeof(FloatType))]
    [InlineData("1.5D", "double", typeof(DoubleType))]
    [InlineData("1.25BD", "decimal(3,2)", typeof(Decimal128Type))]
    [InlineData("'a'", "string", typeof(StringType))]
    [InlineData("X'FF00'", "binary", typeof(BinaryType))]
    [InlineData("DATE'2024-02-29'", "date", typeof(Date32Type))]
    [InlineData("TIMESTAMP'2024-02-29 12:00:00.123456'", "timestamp", typeof(TimestampType))]
    [InlineData("TIMESTAMP_NTZ'2024-02-29 12:00:00'", "timestamp_ntz", typeof(TimestampType))]
    [InlineData("INTERVAL '1 02:03:04' DAY TO SECOND", "interval day to second", typeof(DurationType))]
    [InlineData("INTERVAL '1-2' YEAR TO MONTH", "interval year to month", typeof(IntervalType))]
    [InlineData("array(1, NULL)", "array<int>", typeof(ListType))]
    [InlineData("map('a', 1)", "map<string,int>", typeof(MapType))]
    [InlineData("named_struct('x', 1, 'odd name', 'b')", "struct<x:int,`odd name`:string>", typeof(Apache.Arrow.Types.StructType))]
    [InlineData("NULL", "void", typeof(NullType))]
    [InlineData("parse_json('{\"a\":1}')", "variant", typeof(Apache.Arrow.Types.StructType))]
    public async Task Every_type_has_its_ddl_and_arrives_as_arrow(string literal, string ddl, Type arrow)
    {
        await using var session = await (await server.GetAsync()).ConnectAsync();
        var frame = await session.SqlAsync($"SELECT {literal} AS v", cancellationToken: Token);
        var field = Assert.Single((await frame.SchemaAsync(Token)).Fields);
        Assert.Equal(("v", ddl), (field.Name, field.DataType));
        var column = (await frame.FirstAsync(Token)).Column(0);
        Assert.IsType(arrow, column.Data.DataType);
        Assert.Equal(1, column.Length);
    }

    [Fact]
    public async Task Values_arrive_unchanged()
    {
        await using var session = await (await server.GetAsync()).ConnectAsync();
        var frame = await session.SqlAsync(
            """
            SELECT 12345678901234567890.12BD AS dec, TIMESTAMP'2024-02-29 12:00:00.123456Z' AS ts, map('k', array(named_struct('x', 7L))) AS nested,
                   CAST(NULL AS INT) AS missing, 'Grüße 🦊' AS text
            """,
            cancellationToken: Token);
        var row = await frame.FirstAsync(Token);
        Assert.Equal(12345678901234567890.12m, ((Decimal128Array)row.Column("dec")).GetValue(0));
        var time = (TimestampArray)row.Column("ts");
        Assert.Equal(new DateTimeOffset(2024, 2, 29, 12, 0, 0, TimeSpan.Zero).AddMicroseconds(123_456), time.GetTimestamp(0));
        Assert.Equal("UTC", ((TimestampType)time.Data.DataType).Timezone);
        var map = (MapArray)row.Column("nested");
        Assert.Equal("k", ((StringArray)map.Keys).GetString(0));
        var inner = (StructArray)((ListArray)map.Values).Values;
        Assert.Equal(7, ((Int64Array)inner.Fields[0]).GetValue(0));
        Assert.Null(((Int32Array)row.Column("missing")).GetValue(0));
        Assert.Equal("Grüße 🦊", ((StringArray)row.Column("text")).GetString(0));
    }

    public static TheoryData<object?, string> Arguments => new()
    {
        { null, "void NULL" },
        { true, "boolean true" },
        { (sbyte)-5, "tinyint -5" },
        { (byte)200, "smallint 200" },
        { int.MinValue, "int -2147483648" },
        { long.MinValue, "bigint -9223372036854775808" },
        { 1.5f, "float 1.5" },
        { double.NaN, "double NaN" },
        { -0.25, "double -0.25" },
        { 12.340m, "decimal(5,3) 12.340" },
        { "it's \\ a\n\"test\"", "string it's \\ a\n\"test\"" },
        { new byte[] { 0x41, 0x42 }, "binary AB" },
        { new DateOnly(2024, 2, 29), "date 2024-02-29" },
        { new DateTimeOffset(2024, 2, 29, 12, 0, 0, TimeSpan.FromHours(2)), "timestamp 2024-02-29 10:00:00" },
        { new DateTime(2024, 2, 29, 12, 0, 0, DateTimeKind.Unspecified), "timestamp_ntz 2024-02-29 12:00:00" },
        { new TimeSpan(1, 2, 3, 4), "interval day to second INTERVAL '1 02:03:04' DAY TO SECOND" },
    };

    [Theory]
    [MemberData(nameof(Arguments))]
    public async Task Arguments_keep_type_and_value(object? value, string expected)
    {
        await using var session = await (await server.GetAsync()).ConnectAsync();
        var named = await session.SqlAsync(
            "SELECT concat(typeof(:a), ' ', coalesce(CAST(:a AS STRING), 'NULL')), ':a' -- :a ?",
            new Dictionary<string, object?> { ["a"] = value },
            cancellationToken: Token);
        var row = await named.FirstAsync(Token);
        Assert.Equal(expected, ((StringArray)row.Column(0)).GetString(0));
        Assert.Equal(":a", ((StringArray)row.Column(1)).GetString(0));

        var positional = await session.SqlAsync("SELECT concat(typeof(?), ' ', coalesce(CAST(? AS STRING), 'NULL'))", [value, value], cancellationToken: Token);
        Assert.Equal(expected, ((StringArray)(await positional.FirstAsync(Token)).Column(0)).GetString(0));
    }

    [Theory]
    [InlineData("SELECT :a", "SELECT 1")]
    [InlineData("SELECT :a::string, x::a", "SELECT 1::string, x::a")]
    [InlineData("SELECT ':a', \":a\", `:a`, 'it\\':a', r'\\', :a", "SELECT ':a', \":a\", `:a`, 'it\\':a', r'\\', 1")]
    [InlineData("SELECT /* :a /* ? */ :a */ :a -- :a\n, :a", "SELECT /* :a /* ? */ :a */ 1 -- :a\n, 1")]
    [InlineData("SELECT :unknown, v:a.b, 5-:a", "SELECT :unknown, v1.b, 5-1")]
    [InlineData("SELECT ?, '?', ?", "SELECT (-2), '?', 'x'")]
    public void Arguments_are_put_only_where_a_marker_is(string query, string expected) =>
        Assert.Equal(expected, SqlArguments.Bind(query, new Dictionary<string, object?> { ["a"] = 1 }, [-2, "x"]));

    [Fact]
    public void Texts_of_literals_do_not_depend_on_the_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = new NumberFormatInfo { NumberDecimalSeparator = ",", NegativeSign = "~" } };
            Assert.Equal("(-1.5D)", SqlLiteral.Of(-1.5));
            Assert.Equal("2.50BD", SqlLiteral.Of(2.50m));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
