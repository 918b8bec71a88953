using System.Text;
using CsCheck;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Ingest.Formats;
using LogPipeline.Core.Streams;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace LogPipeline.Tests.Ingest;

/// <summary>The reader of plain events takes nothing that the general one refuses, and takes it no differently.</summary>
public sealed class PlainJsonTests
{
    private static readonly FakeTimeProvider Clock = new(DateTimeOffset.UnixEpoch.AddDays(20_500));

    // Every column kind, attributes, a name too long for one vector, and names that nearly match.
    private static readonly StreamDefinition Stream = new("s", AvroSchemaReader.Parse("s", """
        {"type":"record","name":"s","fields":[
          {"name":"ts","type":{"type":"long","logicalType":"timestamp-micros"}},
          {"name":"level","type":["null","string"]},{"name":"t","type":["null","string"]},{"name":"a_name_of_more_than_sixteen_bytes","type":["null","string"]},
          {"name":"i","type":["null","int"]},{"name":"l","type":["null","long"]},{"name":"d","type":["null","double"]},{"name":"b","type":["null","boolean"]}]}
        """), "s", "s", EventLogRetention.Default);

    private static readonly Gen<string> Name = OneOf(
        "ts", "level", "t", "a_name_of_more_than_sixteen_bytes", "i", "l", "d", "b", "x", "tt", "", "ä", "q\\\"", "leve", "a_name_of_more_than_sixteen_bytez");

    private static readonly Gen<string> Value = Gen.OneOf(
        OneOf(
            "true", "false", "null", "tru", "nul", "0", "-0", "-", "01", "-01", "1.", ".5", "1.5", "-1.50", "0.1", "200.0", "2e2", "1E5", "2147483647", "2147483648", "-2147483648",
            "999999999999999", "9999999999999999", "12345678901234567", "9223372036854775807", "123456789.123456", "1234567890.123456", "0.000000000000001", "-99999999999999.9",
            "1771199999999", "1771199999999.5", "-1", "99999999999999", "\"2026-02-01T00:00:00Z\"", "\"2026-02-01T00:00:00.1234567+01:00\"", "\"1969-01-01T00:00:00Z\"", "\"info\"", "\"Warning\"",
            "\"\"", "\"a\\nb\"", "\"\\ud83d\"", "\"tab\there\"", "\"no end", "[1]", "{\"k\":1}", "\"é😀\"", "\"\\u0000\"", "NaN", "\u0001"),
        Gen.Char['a', 'z'].Array[0, 80].Select(letters => $"\"{new string(letters)}\""),
        Gen.Long.Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        Gen.Double.Select(number => number.ToString("0.######", System.Globalization.CultureInfo.InvariantCulture)));

    private static readonly Gen<string> Space = Gen.Frequency((20, Gen.Const("")), (3, Gen.Const(" ")), (1, Gen.Const("  ")), (1, Gen.Const("\t")));

    [Fact]
    public void Any_record_is_read_as_the_general_reader_reads_it()
    {
        var field = Gen.Select(Name, Space, Space, Value, Space, (name, before, after, value, end) => $"{before}\"{name}\"{after}:{after}{value}{end}");
        var record = Gen.Select(field.Array[0, 12], Gen.Frequency((30, Gen.Const("")), (1, Gen.Const(",")), (1, Gen.Const(" ")), (1, Gen.Const("}"))))
            .Select((fields, end) => "{" + string.Join(',', fields) + "}" + end);
        record.Array[1, 6].Sample(records =>
        {
            // A tab is white space that only the general reader takes.
            var plain = Read(records.Select(Encoding.UTF8.GetBytes));
            var general = Read(records.Select(one => Encoding.UTF8.GetBytes("\t" + one)));
            Assert.Equal(general.Rows, plain.Rows);
            Assert.Equal(general.Rejected, plain.Rejected);
        }, iter: TestScale.Of(20_000, 500_000));
    }

    [Fact]
    public void Any_damage_to_a_plain_record_is_read_as_the_general_reader_reads_it()
    {
        // Texts of every length to past two vectors, so that the damage falls on every place of one.
        var whole = Gen.Select(Gen.Int[0, 70], Gen.Int[0, 70], Gen.Bool, (first, second, spaced) =>
        {
            var record = $$"""{"ts":1771199999999,"level":"{{new string('w', first)}}","t":"é{{new string('x', second)}}","i":-200,"l":123456789012345,"d":0.25,"b":true,"x":"y","z":1.5,"n":null}""";
            return Encoding.UTF8.GetBytes(spaced ? record.Replace(",", " , ", StringComparison.Ordinal).Replace(":", ": ", StringComparison.Ordinal) : record);
        });
        var hostile = Gen.OneOf(
            Gen.Const("\"\\{}[]:, \t\0\u001f\u007f-+.eE0189tfn\r"u8.ToArray()).SelectMany(bytes => Gen.Int[0, bytes.Length - 1].Select(index => bytes[index])),
            Gen.Byte.Where(one => one != '\n'));
        var damage = Gen.Select(Gen.Int[0, 3], Gen.Double[0, 1], hostile);
        Gen.Select(whole, damage.Array[0, 3]).Array[1, 4].Sample(
            records =>
            {
                var damaged = records.Select(one => Damage(one.Item1, one.Item2)).Where(one => one.AsSpan().Trim((byte)' ') is not ([] or [(byte)'\r'])).ToList();
                var plain = Read(damaged);
                var general = Read([.. damaged.Select(one => (byte[])[(byte)'\t', .. one])]);
                Assert.Equal(general.Rows, plain.Rows);
                Assert.Equal(general.Rejected, plain.Rejected);
            },
            iter: TestScale.Of(20_000, 500_000));
    }

    [Theory]
    [InlineData("""{"ts":1771199999999,"level":"warn","t":"x","i":200,"l":-5,"d":0.25,"b":true,"x":"y","z":1.5}""", "WARN")]
    [InlineData("""{"ts": "2026-02-01T00:00:00Z", "level": "info", "t": 12}""", "INFO")]
    public void A_plain_event_fills_its_columns(string record, string level)
    {
        var (rows, rejected) = Read([Encoding.UTF8.GetBytes(record)]);
        Assert.Empty(rejected);
        Assert.Contains($"level={level}", Assert.Single(rows), StringComparison.Ordinal);
    }

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);

    // Replaces, inserts or removes a byte, or cuts the rest off.
    private static byte[] Damage(byte[] record, (int Kind, double Place, byte Value)[] damage)
    {
        List<byte> bytes = [.. record];
        foreach (var (kind, place, value) in damage)
        {
            var at = (int)(place * (bytes.Count - 1));
            switch (kind)
            {
                case 0 when bytes.Count > 0:
                    bytes[at] = value;
                    break;
                case 1:
                    bytes.Insert(Math.Max(at, 0), value);
                    break;
                case 2 when bytes.Count > 0:
                    bytes.RemoveAt(at);
                    break;
                default:
                    bytes.RemoveRange(Math.Max(at, 0), bytes.Count - Math.Max(at, 0));
                    break;
            }
        }

        return [.. bytes];
    }

    private static (List<string> Rows, List<string?> Rejected) Read(IEnumerable<byte[]> records)
    {
        var options = new IngestOptions { MaxFieldBytes = 64 };
        using var parser = new EventParser(Stream, LineFormats.Choose("json", [], Stream.Schema, options), options, Clock, "test");
        byte[] bytes = [.. records.SelectMany(one => (byte[])[.. one, (byte)'\n'])];
        Assert.Equal(bytes.Length, parser.Parse(bytes, last: true));
        using var batch = parser.Take(null);
        return (
            [.. EventRows.Of(batch.Events).Select(row => string.Join(';', row.Select(one => $"{one.Key}={one.Value}")))],
            [.. batch.Rejected.Select(one => $"{one.Place} {one.Field}")]);
    }
}
