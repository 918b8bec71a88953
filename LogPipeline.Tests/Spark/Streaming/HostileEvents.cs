using System.Globalization;
using System.Text;

namespace LogPipeline.Tests.Spark.Streaming;

/// <summary>Records as no producer should write them, and as some do.</summary>
internal static class HostileEvents
{
    private static readonly string[] Columns =
        ["timestamp", "level", "source", "endpoint", "method", "status", "response_time", "user_id", "session_id", "ip", "user_agent", "referrer", "bytes", "message", "trace_id", "span_id"];

    private static readonly string[] OtherNames = ["plan", "region", "Level", "time\\u0073tamp", "sp\\u0061n_id", "\\u00e4", "a b", "a\\\"b", "a:b", "{", "\\ud83d\\ude00", "é"];

    private static readonly string[] Times =
    [
        "\"2026-02-02T02:40:00.000Z\"", "\"2026-02-02 02:40:00Z\"", "\"2026-02-02t02:40:00z\"", "\"2026-02-02T02:40:00.123456789+01:30\"", "\"2026-02-02T02:40:60,5-0130\"", "\"2026-02-02T02:40:00\"",
        "\"2026-02-30T02:40:00Z\"", "\"2026-02-02T24:00:00Z\"", "\"2026-02-02T02:40:00+19:00\"", "\"2026-02-02T02:40:00+24:00\"", "\"2026-02-02T02:40:00.Z\"", "\"2026-02-02T02:40:00Z\\n\"",
        "\"0000-01-01T00:00:00Z\"", "\"1969-12-31T23:59:59.999999Z\"", "\"2026-02-03T23:59:59Z\"", "\"2026-02-04T00:00:01Z\"", "\"2026\\u002d02-02T02:40:00Z\"", "\"1770000000000\"", "\"\"", "\"yesterday\"",
        "1770000000000", "1770000000000.5", "1770000000000.1234", "1.77e12", "-1", "0", "-0", "9999999999999999", "99999999999999999999", "-9223372036854775808", "1e999", "true", "null", "{}", "[]",
    ];

    private static readonly string[] Levels = ["\"info\"", "\"INFO\"", "\"warning\"", "\"Notice\"", "\"ERR\"", "\"critical\"", "\"verbose\"", "\"straße\"", "\"\\u0069nfo\"", "\"\"", "true", "false", "5", "1e2", "null", "[\"x\"]"];

    private static readonly string[] Numbers =
    [
        "200", "200.0", "2e2", "2.5", "-5", "-0", "0", "0.0", "1.50", "12.5", "1e5", "1E+2", "1e-3", "1e999", "-1e999", "3000000000", "9007199254740993", "9223372036854775807", "9223372036854775808", "123456789012345678901234567890",
        "0.1", "702.49", "1.7976931348623157e308", "4.9e-324", "\"200\"", "\"\"", "\"NaN\"", "\"1e3\"", "true", "null", "{\"a\":1}", "[1]",
    ];

    private static readonly string[] Texts =
    [
        "\"GET\"", "\"\"", "\" x \"", "\"/api/products/7\"", "\"203.0.113.5\"", "\"1.50\"", "\"0\"", "\"-0\"", "\"12.5e3\"", "\"[brackets] in front\"", "\"{braces}\"", "\"say \\\"hi\\\"\"", "\"a\\\\b\"", "\"\\u0041\\/\\b\\f\\n\\r\\t\"",
        "\"\\ud83d\\ude00\"", "\"\\ud800\"", "\"\\ude00\\ud83d\"", "\"\\\\ud800\"", "\"\\u0000\"", "\"\\\\u0000\"", "\"\\u0001\"", "\"äöü\"", "\"日本\"", "\"😀\"", "\"a,b:c\"", "\"timestamp\\\":1\"", "12", "1.50", "-0", "0", "1e5", "1E400", "true", "false", "null",
    ];

    private static readonly string[] Nested =
    [
        "{}", "[]", "{ \"a\" : [1, 2.50 ,\"\\u0041\"] }", "[1.0, {\"k\":\"]\"}, \"}\"]", "{\"plan\":\"1.5\",\"region\":1.50}", "{\"a\":{\"b\":\"\\ud800\"}}", "[\n\t1,\r\n2]", "{\"timestamp\":1770000000000}", "[[[[]]]]", "{\"a\":\"\\u0000\"}",
    ];

    private static readonly string[] Blanks = ["", "", "", " ", "  ", "\t", "\n"];

    /// <summary>Records that each mean something.</summary>
    public static IEnumerable<byte[]?> Known()
    {
        yield return null;
        foreach (var text in Records())
        {
            yield return Encoding.UTF8.GetBytes(text);
        }

        yield return [0xEF, 0xBB, 0xBF, (byte)'{', (byte)'}'];
        byte[][] ends = [[0xFF], [0xEF], [0xEF, 0xBF], [0xEF, 0xBF, 0x41], [0xC3], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x98], [0xF5, 0x80, 0x80, 0x80], [0xC0, 0x80], [0xEF, 0xEF, 0xBF, 0xBD]];
        foreach (var end in ends)
        {
            yield return [.. "{\"message\":\"äx"u8, .. end, .. "\"}"u8];
        }

        yield return [(byte)'{', (byte)'"', (byte)'a', 0, (byte)'"', (byte)':', (byte)'1', (byte)'}'];
    }

    /// <summary>Records that are put together at random.</summary>
    public static IEnumerable<byte[]> Random(int seed, int count)
    {
        var random = new Random(seed);
        for (var number = 0; number < count; number++)
        {
            yield return Write(random);
        }
    }

    private static IEnumerable<string> Records()
    {
        string[] whole =
        [
            "", " ", "\t\r\n", "null", "true", "nul", "truex", "12", "-", "01", "1 2", "1,2", "\"abc\"", "\"abc", "\"abc\" x", "\"\\x\"", "[1,2]", "[1,2", "[", "{", "}", "{}", " { } ", "{}x", "{} {}", "{},{}", "{},\"z\":2", "{\"a\":1}]", "{\"a\":1}],\"r\":[{}",
            "{\"a\":1}}", "{\"a\":1},\"\\u0001\":1} y", "{\"a\":1}],\"\\u0002\":[{},{\"\\u0001\":1}]} y", "{\"\\u0001\":1}", "{\"\\u0002\":[{},{\"\\u0001\":1}]}", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{'a':1}", "{\"a\":NaN}", "{\"a\":Infinity}", "{\"a\":+1}", "{\"a\":.5}", "{\"a\":1.}", "{\"a\":01}",
            "{\"a\":\"\t\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":1 /* no */}", "{\"a\":1}//", "{\"\":1}", "{\"a\\u0000\":1}", "{\"\\ud800\":1}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":null}", "{\"a\":null,\"a\":3}", "{\"a\":1.5,\"a\":1.50}", "{\"a\":\"1.5\",\"a\":1.50}", "{\"a\":1,\"\\u0061\":2}",
            "{\"level\":{},\"level\":\"x\"}", "{\"level\":{},\"level\":null}", "{\"level\":\"a\",\"level\":null}", "{\"level\":\"a\",\"level\":\"b\"}", "{\"status\":\"x\",\"status\":200}", "{\"timestamp\":\"x\",\"timestamp\":1770000000000}", "{\"level\":\"x\",\"lev\\u0065l\":5}",
            "{\"timestamp\":\"1770000000000\",\"x\":{\"timestamp\":1770000000000}}", "{\"x\":1.50,\"n\":{\"x\":1.5}}", "{\"x\":1.50,\"n\":{\"x\":\"1.5\"}}", "{\"x\":[1],\"n\":{\"x\":\"[1]\"}}", "{\"a\": 1.5, \"b\" :2.5,\"c\":\"1.50\"}", "{\"status\":\"ä\",\"level\":[]}",
            "{\"status\":\"" + new string('ä', 40) + "\"}", "{\"status\":\"a" + new string('ä', 40) + "\"}", "{\"status\":\"" + string.Concat(Enumerable.Repeat("😀", 20)) + "\"}", "{\"status\":\"" + new string('x', 48) + "\"}", "{\"" + new string('n', 60) + "\":\"\\u0000\"}",
            "{\"message\":\"" + new string('x', 65_536) + "\"}", "{\"message\":\"" + new string('x', 65_537) + "\"}", "{\"message\":\"" + string.Concat(Enumerable.Repeat("\\u0041", 65_537)) + "\"}", "{\"message\":\"" + string.Concat(Enumerable.Repeat("\\u0041", 20_000)) + "\"}",
            "{\"plan\":\"" + new string('x', 70_000) + "\"}", "{\"message\":" + new string('1', 70_000) + "}", "{\"plan\":" + new string('1', 3_000) + "}", "{\"status\":" + new string('1', 3_000) + "}", "{\"plan\":\"" + new string('x', 1 << 20) + "\"}",
            "{\"plan\":" + new string('[', 63) + new string(']', 63) + "}", "{\"plan\":" + new string('[', 64) + new string(']', 64) + "}", "{\"plan\":" + string.Concat(Enumerable.Repeat("{\"a\":", 63)) + "1" + new string('}', 63) + "}", new string('[', 65) + new string(']', 65),
            "{" + string.Join(',', Enumerable.Range(0, 5_000).Select(number => $"\"k{number}\":{number}.50")) + ",\"k7\":7}", "{\"plan\":\"" + string.Concat(Enumerable.Repeat("\\\"\\\\", 100_000)) + "\"}",
        ];
        return whole
            .Concat(Times.Select(time => $$"""{"timestamp":{{time}}}"""))
            .Concat(Levels.Select(level => $$"""{"level":{{level}}}"""))
            .Concat(Numbers.SelectMany(number => (string[])[$$"""{"status":{{number}}}""", $$"""{"bytes":{{number}}}""", $$"""{"response_time":{{number}}}""", $$"""{"plan":{{number}}}"""]))
            .Concat(Texts.Concat(Nested).SelectMany(text => (string[])[$$"""{"method":{{text}}}""", $$"""{"plan":{{text}}}""", $$"""{"plan": {{text}} ,"region":"eu"}"""]));
    }

    private static byte[] Write(Random random)
    {
        var text = new StringBuilder();
        Blank().Append('{');
        var members = random.Next(12);
        for (var member = 0; member < members; member++)
        {
            var isColumn = random.Next(3) > 0;
            var name = isColumn ? Pick(Columns) : Pick(OtherNames);
            text.Append(member > 0 ? "," : "");
            Blank().Append(CultureInfo.InvariantCulture, $"\"{name}\"");
            Blank().Append(':');
            Blank().Append(ValueOf(name, isColumn));
            Blank();
        }

        text.Append('}');
        Blank();
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        return random.Next(8) == 0 ? Damaged(bytes) : bytes;

        StringBuilder Blank() => text.Append(random.Next(4) == 0 ? Pick(Blanks) : "");

        string Pick(string[] some) => some[random.Next(some.Length)];

        string ValueOf(string name, bool isColumn) => random.Next(isColumn ? 12 : 4) == 0 ? Pick(random.Next(2) == 0 ? Nested : Texts) : name switch
        {
            "timestamp" => random.Next(3) > 0 ? Times[random.Next(2) * 20] : Pick(Times),
            "level" => Pick(Levels),
            "status" or "bytes" or "response_time" => random.Next(4) > 0 ? Numbers[random.Next(10)] : Pick(Numbers),
            _ => random.Next(8) == 0 ? Pick(Numbers) : Pick(Texts),
        };

        byte[] Damaged(byte[] good)
        {
            var at = random.Next(good.Length);
            switch (random.Next(4))
            {
                case 0:
                    return good[..at];
                case 1:
                    good[at] = (byte)random.Next(256);
                    return good;
                case 2:
                    return [.. good[..at], .. good[(at + 1)..]];
                default:
                    return [.. good[..at], (byte)"\"{}[],:\\ 0"[random.Next(10)], .. good[at..]];
            }
        }
    }
}
