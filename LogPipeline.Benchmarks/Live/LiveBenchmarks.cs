using Apache.Arrow;
using Apache.Arrow.Types;
using BenchmarkDotNet.Attributes;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Live;
using LogPipeline.Core.Streams;

namespace LogPipeline.Benchmarks.Live;

/// <summary>The live view: taking batches in, reading the dashboard, filtering the ring.</summary>
[MemoryDiagnoser]
public class LiveBenchmarks
{
    private const int BatchRows = 10_000;
    private const int Batches = 20;
    private static readonly string[] Levels = ["INFO", "INFO", "INFO", "DEBUG", "WARN", "ERROR"];
    private readonly StreamDefinition stream = new("web-logs", AvroSchemaReader.ReadShipped("web-log"), "web-logs", "logs", EventLogRetention.Default);
    private readonly LiveQuery dashboard = new(EventFilter.None, TimeSpan.FromMinutes(15));
    private readonly LiveQuery filtered = new(EventFilterCodec.FromQuery("level=ERROR&source=service-1&endpoint!=/api/v1/resource3"), TimeSpan.FromMinutes(15));
    private readonly EventFilter text = EventFilterCodec.FromQuery("q=nowhere");
    private RecordBatch[] columns = [];
    private LiveView view = null!;
    private long offset;

    /// <summary>Fifteen minutes at 2,000 events/s, of 50 endpoints, 7 sources and 4 levels.</summary>
    [GlobalSetup]
    public void Fill()
    {
        view = new LiveView(stream, new LiveOptions(), TimeProvider.System);
        var random = new Random(1);
        var now = Now();
        for (var second = 900; second > 0; second--)
        {
            using var batch = Batch(Columns(random, 2_000, now - (second * 1_000_000L)), now);
            view.Add(batch);
        }

        columns = [.. Enumerable.Range(0, Batches).Select(_ => Columns(random, BatchRows, Now()))];
    }

    [GlobalCleanup]
    public void End() => view.Dispose();

    [Benchmark(OperationsPerInvoke = BatchRows * Batches)]
    public void Take_events_in()
    {
        foreach (var batch in columns)
        {
            view.Add(Batch(batch, Now()));
        }
    }

    [Benchmark]
    public LiveSnapshot Read_the_dashboard() => view.Read(dashboard);

    [Benchmark]
    public LiveSnapshot Read_the_dashboard_filtered() => view.Read(filtered);

    [Benchmark]
    public RecentPage Search_100_000_events() => view.ReadRecent(new RecentQuery(text, 200));

    private static long Now() => (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static StringArray Strings(int rows, Func<string> value)
    {
        var builder = new StringArray.Builder();
        for (var row = 0; row < rows; row++)
        {
            builder.Append(value());
        }

        return builder.Build();
    }

    private static StringArray Nulls(int rows)
    {
        var builder = new StringArray.Builder();
        for (var row = 0; row < rows; row++)
        {
            builder.AppendNull();
        }

        return builder.Build();
    }

    private EventBatch Batch(RecordBatch events, long now)
    {
        var batch = new EventBatch(stream, events, [], new EventRange(0, offset, offset + events.Length - 1), now);
        offset += events.Length;
        return batch;
    }

    private RecordBatch Columns(Random random, int rows, long micros) => new(stream.Schema.Arrow, stream.Schema.Arrow.FieldsList.Select(field => (IArrowArray)(field.Name switch
    {
        "timestamp" => Times(rows, micros),
        "level" => Strings(rows, () => Levels[random.Next(Levels.Length)]),
        "source" => Strings(rows, () => "service-" + random.Next(7)),
        "endpoint" => Strings(rows, () => "/api/v1/resource" + random.Next(50)),
        "method" => Strings(rows, () => "GET"),
        "session_id" => Strings(rows, () => "session-" + random.Next(20_000)),
        "message" => Strings(rows, () => "Request handled by upstream with result " + random.Next(1_000)),
        "status" => new Int32Array.Builder().AppendRange(Enumerable.Range(0, rows).Select(_ => 200 + (100 * random.Next(4)))).Build(),
        "response_time" => new DoubleArray.Builder().AppendRange(Enumerable.Range(0, rows).Select(_ => Math.Exp(2 + (random.NextDouble() * 4)))).Build(),
        "bytes" => new Int64Array.Builder().AppendRange(Enumerable.Range(0, rows).Select(_ => (long)random.Next(20_000))).Build(),
        StreamSchema.AttributesColumn => Attributes(rows, (MapType)field.DataType),
        _ => Nulls(rows),
    })), rows);

    private static TimestampArray Times(int rows, long micros)
    {
        var values = new ArrowBuffer.Builder<long>();
        for (var row = 0; row < rows; row++)
        {
            values.Append(micros);
        }

        return new TimestampArray(new TimestampType(TimeUnit.Microsecond, "UTC"), values.Build(), ArrowBuffer.Empty, rows, 0, 0);
    }

    private static MapArray Attributes(int rows, MapType type)
    {
        var builder = new MapArray.Builder(type);
        for (var row = 0; row < rows; row++)
        {
            builder.AppendNull();
        }

        return builder.Build();
    }
}
