using System.Globalization;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Upkeep;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace LogPipeline.Tests.Lake;

public sealed class SparkTests
{
    [Fact]
    public async Task Spark_and_DuckDB_read_equal_rows_of_what_we_wrote_compacted_and_checkpointed()
    {
        if (SparkReader.Home is null)
        {
            Assert.Skip("SPARK_HOME is not set");
        }

        using var folder = new TemporaryFolder();
        using var events = Some.Events();
        await using var log = new MemoryEventLog(Some.WebLogs);
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 4, 0, 0, 0, TimeSpan.Zero));
        var tables = new LakeTables(folder.Path, time);
        var options = new LakeOptions { CompactionFiles = 4, CompactionMinAge = TimeSpan.Zero };
        for (var commit = 0; commit < 25; commit++)
        {
            log.Append(Some.Rows(40, Some.Midnight + commit * 1000 * Some.Second, Some.Day / 50, seed: commit), [Some.Rejected("not an int: \"x\u00e4\"")]);
            await using var writer = new LakeWriter(log, tables, options, events, time, _ => { });
            await writer.RunToEndAsync(TestContext.Current.CancellationToken);
            time.Advance(TimeSpan.FromSeconds(11));
            new TableUpkeep(tables.Find("logs")!, options, events, time).Work(TestContext.Current.CancellationToken);
        }

        DeltaLogChecker.Check(folder["logs"]);
        Assert.NotEmpty(Directory.GetFiles(folder["logs/_delta_log"], "*.checkpoint.parquet"));

        // Without its first commits only the checkpoint stands for them: Spark has to read ours.
        File.Delete(folder["logs/_delta_log/00000000000000000000.json"]);
        const string Columns = "event_offset, level, source, endpoint, method, status, response_time, user_id, session_id, ip, user_agent, referrer, bytes, message, trace_id, span_id, event_partition";
        var rows = await SparkReader.QueryAsync(
            $"SELECT to_json(struct({Columns}, string(date) AS date, unix_micros(timestamp) AS us, unix_micros(received_at) AS received, map_keys(attributes) AS keys, "
            + "(SELECT count(*) FROM dead_letters WHERE raw = encode('{\"status\":\"x\"}', 'UTF-8')) AS letters)) AS row FROM logs ORDER BY event_offset",
            ("logs", folder["logs"]), ("dead_letters", folder["dead_letters"]));
        var snapshot = tables.Find("logs")!.Snapshot();
        var ours = DuckRows.Query(
            snapshot,
            $"SELECT {Columns}, date, epoch_us(timestamp) AS us, epoch_us(received_at) AS received, array_to_string(map_keys(attributes), ',') FROM {{t}} ORDER BY event_offset");
        var names = Columns.Split(", ").Concat(["date", "us", "received"]).ToList();
        Assert.Equal(1000, rows.Count);
        for (var row = 0; row < rows.Count; row++)
        {
            using var document = System.Text.Json.JsonDocument.Parse(rows[row].GetProperty("row").GetString()!);
            var value = document.RootElement;
            var theirs = names.Select(name => !value.TryGetProperty(name, out var cell) ? "NULL"
                : cell.ValueKind == System.Text.Json.JsonValueKind.Number && name == "response_time" ? cell.GetDouble().ToString(CultureInfo.InvariantCulture) : cell.ToString());
            var keys = value.TryGetProperty("keys", out var list) ? string.Join(',', list.EnumerateArray().Select(key => key.GetString())) : "NULL";
            Assert.Equal(string.Join('|', theirs) + "|" + keys, ours[row]);
            Assert.Equal(25, value.GetProperty("letters").GetInt32());
        }
    }
}
