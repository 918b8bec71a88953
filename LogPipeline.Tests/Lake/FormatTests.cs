using System.Globalization;
using System.Text;
using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Types;
using CsCheck;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Files;
using LogPipeline.Core.Lake.Writing;
using LogPipeline.Core.Types;
using Xunit;
using ArrowField = Apache.Arrow.Field;
using ArrowSchema = Apache.Arrow.Schema;
using StructType = LogPipeline.Core.Types.StructType;
using MapType = LogPipeline.Core.Types.MapType;

namespace LogPipeline.Tests.Lake;

/// <summary>Paths, schemas, actions and statistics as they stand in the log.</summary>
public sealed class FormatTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("2026-01-02", "date=2026-01-02", "date=2026-01-02")]
    [InlineData(null, "date=__HIVE_DEFAULT_PARTITION__", "date=__HIVE_DEFAULT_PARTITION__")]
    [InlineData("", "date=__HIVE_DEFAULT_PARTITION__", "date=__HIVE_DEFAULT_PARTITION__")]
    [InlineData("a/b:c=d", "date=a%2Fb%3Ac%3Dd", "date=a%252Fb%253Ac%253Dd")]
    [InlineData("x y%", "date=x y%25", "date=x%20y%2525")]
    [InlineData("\t\"#'*?\\{[]^\u007f", "date=%09%22%23%27%2A%3F%5C%7B%5B%5D%5E%7F", "date=%2509%2522%2523%2527%252A%253F%255C%257B%255B%255D%255E%257F")]
    public void A_partition_value_is_escaped_for_its_folder_and_then_for_the_log(string? value, string expected, string inLog)
    {
        var relative = DeltaPath.FolderOf("date", value);
        Assert.Equal(expected, relative);
        Assert.Equal(inLog, DeltaPath.Encode(relative));
        Assert.Equal(Path.Combine("/t", expected), DeltaPath.Resolve("/t", DeltaPath.Encode(relative)));
    }

    [Fact]
    public void Any_path_survives_the_log() =>
        Gen.String.Where(text => text.Length > 0 && !text.Contains('/', StringComparison.Ordinal) && text.EnumerateRunes().All(rune => rune != Rune.ReplacementChar))
            .Sample(text => Assert.Equal("/t/" + text, DeltaPath.Resolve("/t", DeltaPath.Encode(text))));

    [Theory]
    [InlineData("file:/a/b%20c", "/a/b c")]
    [InlineData("file:///a/b", "/a/b")]
    [InlineData("/a/b", "/a/b")]
    [InlineData("x=ü/b", "/t/x=ü/b")]
    [InlineData("x=%C3%BC/b", "/t/x=ü/b")]
    public void Absolute_and_encoded_paths_are_resolved(string path, string expected) => Assert.Equal(expected, DeltaPath.Resolve("/t", path));

    [Fact]
    public void A_file_on_other_storage_is_refused_by_its_name() =>
        Assert.Contains("'s3'", Assert.Throws<LakeException>(() => DeltaPath.Resolve("/t", "s3://bucket/x")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_schema_reads_what_it_writes()
    {
        var schema = new StructType(
        [
            .. DataTypes.All.Where(type => type != DataTypes.CalendarInterval).Select(type => new StructField(type.Name, type)),
            new StructField("d", new DecimalType(38, 18), false, "a \"comment\" with ü"),
            new StructField("deep", new ArrayType(new StructType([new StructField("m", new MapType(DataTypes.String, new ArrayType(DataTypes.Long, false), false))]))),
        ]);
        Assert.Equal(schema, SchemaJson.Parse(SchemaJson.Write(schema)));
        var wider = SchemaJson.Parse(SchemaJson.Append(SchemaJson.Write(schema), [new StructField("later", DataTypes.Date)]));
        Assert.Equal([.. schema.Fields, new StructField("later", DataTypes.Date)], wider.Fields);
        Assert.Contains("'variant'", Assert.Throws<LakeException>(() => SchemaJson.Parse("""{"type":"struct","fields":[{"name":"v","type":"variant","nullable":true,"metadata":{}}]}""")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Actions_read_what_they_write()
    {
        var values = new Dictionary<string, string?> { ["date"] = null, ["x"] = "\"ü\n" };
        DeltaAction[] actions =
        [
            new AddFile("a%20b", values, 1, 2, true, "{\"numRecords\":3}") { Tags = new Dictionary<string, string?> { ["k"] = "v" } },
            new RemoveFile("c", 5, false) { ExtendedFileMetadata = true, PartitionValues = values, Size = 9, DeletionVector = new DeletionVector("u", "ab^-aqEH.-t@S}K{vb[*k^", 4, 40, 6) },
            new TxnAction("app", long.MaxValue, 1),
            new ProtocolAction(1, 2),
            new MetadataAction("id", "{}", ["date"]) { Name = "n", Configuration = values, CreatedTime = 7 },
        ];
        File.WriteAllBytes(folder["x.json"], CommitJson.Write(actions).ToArray());
        var read = ActionJson.ReadFile(folder["x.json"]);
        Assert.Equal(CommitJson.Write(actions).ToArray(), CommitJson.Write(read).ToArray());
        Assert.Contains("line 2", Assert.Throws<LakeException>(() =>
        {
            File.WriteAllText(folder["bad.json"], "{\"txn\":{\"appId\":\"a\",\"version\":1}}\n{\"add\":{}}\n");
            ActionJson.ReadFile(folder["bad.json"]);
        }).Message, StringComparison.Ordinal);
        Assert.Null(ActionJson.Read(JsonDocument.Parse("""{"newAction":{"x":1}}""").RootElement));
    }

    [Fact]
    public void Strings_are_cut_to_32_characters_that_still_bound_them()
    {
        Assert.Equal(new string('a', 32), FileStats.TruncateMin(new string('a', 40)));
        Assert.Equal(new string('a', 32) + '\u007f', FileStats.TruncateMax(new string('a', 40)));
        Assert.Equal(new string('ü', 32) + "\U0010FFFF", FileStats.TruncateMax(new string('ü', 40)));
        Assert.Equal(new string('a', 31), FileStats.TruncateMin(new string('a', 31) + "😀😀"));
        Assert.Equal(new string('a', 31) + "\U0010FFFF", FileStats.TruncateMax(new string('a', 31) + "😀😀"));
        Assert.Null(FileStats.TruncateMax(new string('a', 32) + "\U0010FFFF\U0010FFFF"));
        Gen.String.Where(text => text.EnumerateRunes().All(rune => rune != Rune.ReplacementChar)).Sample(text =>
        {
            var bytes = Encoding.UTF8.GetBytes(text).AsSpan();
            Assert.True(bytes.SequenceCompareTo(Encoding.UTF8.GetBytes(FileStats.TruncateMin(text))) >= 0);
            Assert.True(FileStats.TruncateMax(text) is not { } most || bytes.SequenceCompareTo(Encoding.UTF8.GetBytes(most)) <= 0);
        });
    }

    [Fact]
    public void Statistics_bound_every_column_and_leave_out_what_they_cannot_bound()
    {
        var types = new List<(string Name, IArrowType Type, IArrowArray Values)>
        {
            ("micros", StreamTable.Micros, Timestamps(-1_500, 1_767_312_000_123_999)),
            ("int", Int32Type.Default, new Int32Array.Builder().AppendNull().Append(-7).Build()),
            ("long", Int64Type.Default, new Int64Array.Builder().Append(long.MinValue).Append(long.MaxValue).Build()),
            ("double", DoubleType.Default, new DoubleArray.Builder().Append(0.1).Append(-2.5).Build()),
            ("nan", DoubleType.Default, new DoubleArray.Builder().Append(double.NaN).Append(1).Build()),
            ("infinite", DoubleType.Default, new DoubleArray.Builder().Append(double.PositiveInfinity).Append(1).Build()),
            ("text", StringType.Default, new StringArray.Builder().Append("ä").Append("z").Build()),
            ("nothing", StringType.Default, new StringArray.Builder().AppendNull().AppendNull().Build()),
            ("flag", BooleanType.Default, new BooleanArray.Builder().Append(true).Append(false).Build()),
            ("raw", BinaryType.Default, new BinaryArray.Builder().Append("x"u8).Append("y"u8).Build()),
        };
        for (var extra = types.Count; extra < 40; extra++)
        {
            types.Add(("c" + extra.ToString(CultureInfo.InvariantCulture), Int32Type.Default, new Int32Array.Builder().Append(1).Append(2).Build()));
        }

        var schema = new ArrowSchema([.. types.Select(type => new ArrowField(type.Name, type.Type, true))], null);
        using var file = new ParquetFile(folder.Path, "", schema);
        file.Write(new RecordBatch(schema, types.Select(type => type.Values), 2));
        var add = file.Finish(new Dictionary<string, string?>(), DateTimeOffset.UnixEpoch, dataChange: true);
        var stats = JsonDocument.Parse(add.Stats!).RootElement;
        Assert.Equal(2, stats.GetProperty("numRecords").GetInt64());
        Assert.Equal(32, stats.GetProperty("nullCount").EnumerateObject().Count());
        Assert.Equal((1, 2), (stats.GetProperty("nullCount").GetProperty("int").GetInt32(), stats.GetProperty("nullCount").GetProperty("nothing").GetInt32()));
        Assert.StartsWith(
            """{"micros":"1969-12-31T23:59:59.998Z","int":-7,"long":-9223372036854775808,"double":-2.5,"text":"z","c10":1,""",
            stats.GetProperty("minValues").GetRawText(), StringComparison.Ordinal);
        Assert.StartsWith(
            """{"micros":"2026-01-02T00:00:00.123Z","int":-7,"long":9223372036854775807,"double":0.1,"text":"ä","c10":2,""",
            stats.GetProperty("maxValues").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_are_picked_from_slices_of_every_type()
    {
        var rows = Some.Rows(100, Some.Midnight);
        var slice = rows.Slice(30, 50);
        int[] wanted = [3, 0, 49, 7, 7];
        var picked = ArrowRows.Take(slice, wanted);
        for (var column = 0; column < rows.ColumnCount; column++)
        {
            for (var row = 0; row < wanted.Length; row++)
            {
                Assert.Equal(Show(rows.Column(column), 30 + wanted[row]), Show(picked.Column(column), row));
            }
        }
    }

    [Fact]
    public void Options_say_everything_that_is_wrong_with_its_key()
    {
        var result = new LakeOptionsValidator().Validate(null, new LakeOptions { CommitInterval = TimeSpan.Zero, CommitBytes = 1, CompactionFiles = 1, LogRetention = TimeSpan.FromDays(1) });
        Assert.Equal(4, result.Failures!.Count());
        Assert.All((string[])["CommitInterval", "CommitBytes", "CompactionFiles", "LogRetention"], key =>
            Assert.Contains(result.Failures!, failure => failure.StartsWith("LogPipeline:Lake:" + key, StringComparison.Ordinal)));
        Assert.True(new LakeOptionsValidator().Validate(null, new LakeOptions()).Succeeded);
    }

    private static TimestampArray Timestamps(params long[] micros)
    {
        var longs = new Int64Array.Builder().AppendRange(micros).Build();
        return new TimestampArray(new ArrayData(StreamTable.Micros, longs.Length, 0, 0, [ArrowBuffer.Empty, longs.Data.Buffers[1]]));
    }

    private static string Show(IArrowArray array, int row) => array switch
    {
        { } one when one.IsNull(row) => "NULL",
        StringArray texts => texts.GetString(row),
        TimestampArray times => times.GetValue(row)!.Value.ToString(CultureInfo.InvariantCulture),
        Int32Array ints => ints.GetValue(row)!.Value.ToString(CultureInfo.InvariantCulture),
        Int64Array longs => longs.GetValue(row)!.Value.ToString(CultureInfo.InvariantCulture),
        DoubleArray doubles => doubles.GetValue(row)!.Value.ToString("R", CultureInfo.InvariantCulture),
        MapArray map => string.Join(',', Enumerable.Range(map.ValueOffsets[row], map.ValueOffsets[row + 1] - map.ValueOffsets[row])
            .Select(index => ((StringArray)map.Keys).GetString(index) + "=" + ((StringArray)map.Values).GetString(index))),
        _ => throw new ArgumentException(array.GetType().Name),
    };
}
