using System.Diagnostics;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Streams;
using LogPipeline.Spark.Connect;
using LogPipeline.Spark.Streaming.Parsing;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.Ingest;
using Xunit;

namespace LogPipeline.Tests.Spark.Streaming;

public sealed class ProbeTests(SparkConnectServer spark, ITestOutputHelper output)
{
    [Fact]
    public async Task Probe()
    {
        var cancel = TestContext.Current.CancellationToken;
        var stream = new StreamDefinition("web-logs", AvroSchemaReader.ReadShipped("web-log"), "web-logs", "logs", EventLogRetention.Default);
        await using var session = await (await spark.GetAsync()).ConnectAsync();
        foreach (var (name, count) in ((string, int)[])[("one", 1), ("many", 100_000)])
        {
            _ = await session.SqlAsync($$"""
                CREATE OR REPLACE TEMPORARY VIEW {{name}} AS SELECT CAST(concat('{"timestamp":1770000000000,"level":"INFO","source":"outside","endpoint":"/api/', id, '","method":"GET","status":200,"response_time":12.5,"session_id":"s-1","trace_id":"t-', id, '","message":"event","shard":2,"plan":"x"}') AS BINARY) AS value, 3 AS partition, id AS offset, TIMESTAMP'2026-02-03 00:00:00Z' AS timestamp,
                  CAST(NULL AS array<struct<key:string,value:binary>>) AS headers FROM range({{count}})
                """, cancellationToken: cancel);
        }
        var sql = new EventSql(stream, new IngestOptions());
        File.WriteAllText("/tmp/rows.sql", sql.Rows("one")); output.WriteLine($"length {sql.Rows("one").Length} {sql.DeadLetters("one").Length}");
        for (var i = 0; i < 30; i++)
        {
            foreach (var (what, text) in ((string, string)[])[("rows one", sql.Rows("one"))])
            {
                var before = Stopwatch.GetTimestamp();
                await foreach (var one in (await session.SqlAsync($"EXPLAIN {text}", cancellationToken: cancel)).CollectAsync(cancellationToken: cancel)) { one.Dispose(); }
                var planned = Stopwatch.GetElapsedTime(before);
                before = Stopwatch.GetTimestamp();
                await foreach (var one in (await session.SqlAsync($"SELECT sum(length(to_json(struct(*)))) AS n FROM ({text})", cancellationToken: cancel)).CollectAsync(cancellationToken: cancel)) { one.Dispose(); }
                output.WriteLine($"{what}: explain {planned.TotalSeconds:0.00} run {Stopwatch.GetElapsedTime(before).TotalSeconds:0.00}");
            }
        }
    }
}
