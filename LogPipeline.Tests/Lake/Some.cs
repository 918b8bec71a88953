using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Streams;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using System.Diagnostics.Metrics;

namespace LogPipeline.Tests.Lake;

/// <summary>Believable things for tests of the lake.</summary>
internal static class Some
{
    /// <summary>2026-01-02T00:00:00Z.</summary>
    public const long Midnight = 1_767_312_000_000_000;

    public const long Second = 1_000_000;

    public const long Day = 86_400 * Second;

    private static readonly string[] Endpoints = ["/", "/cart", "/api/items", "/api/items/1?x=ä", "/login"];
    private static readonly string?[] Agents = ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36", "curl/8.5", null];

    public static StreamDefinition WebLogs { get; } = new("web-logs", AvroSchemaReader.ReadShipped("web-log"), "web-logs", "logs", EventLogRetention.Default);

    public static bool IsFull => Environment.GetEnvironmentVariable("LOGPIPELINE_FULL") == "1";

    public static LakeEvents Events() => new(
        NullLogger<LakeEvents>.Instance, new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());

    /// <summary>Web-log events that are different from each other, the same ones for the same numbers.</summary>
    public static RecordBatch Rows(int count, long firstMicros, long stepMicros = Second / 100, int seed = 1) =>
        Rows([.. Enumerable.Range(0, count).Select(row => firstMicros + row * stepMicros)], seed);

    /// <summary>Web-log events at these times.</summary>
    public static RecordBatch Rows(IReadOnlyList<long> times, int seed = 1)
    {
        var random = new Random(seed);
        var schema = WebLogs.Schema;
        var arrays = new List<IArrowArray>();
        foreach (var column in schema.Columns)
        {
            arrays.Add(column.Type.Name switch
            {
                "timestamp" => Timestamps(times),
                "int" => Ints(times.Count, random),
                "bigint" => Longs(times.Count, random),
                "double" => Doubles(times.Count, random),
                _ => Texts(column.Name, times.Count, random),
            });
        }

        arrays.Add(Attributes(times.Count, random));
        return new RecordBatch(schema.Arrow, arrays, times.Count);
    }

    public static RejectedRecord Rejected(string reason = "not a JSON object") => new("status", reason, "test", 0, Encoding.UTF8.GetBytes("{\"status\":\"x\"}"));

    private static TimestampArray Timestamps(IReadOnlyList<long> times)
    {
        var longs = new Int64Array.Builder().AppendRange(times).Build();
        return new TimestampArray(new ArrayData(new TimestampType(TimeUnit.Microsecond, "UTC"), longs.Length, 0, 0, [ArrowBuffer.Empty, longs.Data.Buffers[1]]));
    }

    private static Int32Array Ints(int count, Random random)
    {
        var builder = new Int32Array.Builder();
        for (var row = 0; row < count; row++)
        {
            _ = random.Next(20) == 0 ? builder.AppendNull() : builder.Append((int[])[200, 200, 200, 304, 404, 500] is var codes ? codes[random.Next(6)] : 0);
        }

        return builder.Build();
    }

    private static Int64Array Longs(int count, Random random)
    {
        var builder = new Int64Array.Builder();
        for (var row = 0; row < count; row++)
        {
            _ = random.Next(20) == 0 ? builder.AppendNull() : builder.Append(random.NextInt64(1L << 33));
        }

        return builder.Build();
    }

    private static DoubleArray Doubles(int count, Random random)
    {
        var builder = new DoubleArray.Builder();
        for (var row = 0; row < count; row++)
        {
            _ = random.Next(20) == 0 ? builder.AppendNull() : builder.Append(Math.Round(random.NextDouble() * 900, 3));
        }

        return builder.Build();
    }

    private static StringArray Texts(string column, int count, Random random)
    {
        var builder = new StringArray.Builder();
        for (var row = 0; row < count; row++)
        {
            var text = column switch
            {
                "level" => ((string[])["INFO", "INFO", "WARN", "ERROR"])[random.Next(4)],
                "source" => "shop-" + random.Next(4),
                "endpoint" => Endpoints[random.Next(Endpoints.Length)],
                "method" => random.Next(4) == 0 ? "POST" : "GET",
                "user_agent" => Agents[random.Next(Agents.Length)],
                "ip" => $"10.{random.Next(4)}.{random.Next(256)}.{random.Next(256)}",
                "session_id" => $"s-{random.Next(count / 10 + 1):x8}",
                "user_id" => random.Next(3) == 0 ? $"user{random.Next(1000)}" : null,
                "message" => random.Next(3) == 0 ? $"request {random.Next()} took its time 😀 and then some more text" : null,
                "trace_id" => random.Next(2) == 0 ? $"{random.NextInt64():x16}{random.NextInt64():x16}" : null,
                _ => null,
            };
            _ = text is null ? builder.AppendNull() : builder.Append(text);
        }

        return builder.Build();
    }

    private static MapArray Attributes(int count, Random random)
    {
        var builder = new MapArray.Builder(new MapType(StringType.Default, StringType.Default));
        var keys = (StringArray.Builder)builder.KeyBuilder;
        var values = (StringArray.Builder)builder.ValueBuilder;
        for (var row = 0; row < count; row++)
        {
            if (random.Next(4) > 0)
            {
                builder.AppendNull();
                continue;
            }

            builder.Append();
            keys.Append("region");
            values.Append("eu-" + random.Next(3));
            if (random.Next(2) == 0)
            {
                keys.Append("note");
                _ = random.Next(2) == 0 ? values.AppendNull() : values.Append("x");
            }
        }

        return builder.Build();
    }
}
