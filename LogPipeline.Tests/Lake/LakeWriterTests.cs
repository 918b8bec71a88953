using System.Globalization;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Streams;
using LogPipeline.Core.Types;
using LogPipeline.Tests.Lake.Leases;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace LogPipeline.Tests.Lake;

public sealed class LakeWriterTests : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly MemoryEventLog log = new(Some.WebLogs);
    private readonly LakeEvents events = Some.Events();
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 12, 0, 0, TimeSpan.Zero));

    public async ValueTask DisposeAsync()
    {
        folder.Dispose();
        events.Dispose();
        await log.DisposeAsync();
    }

    [Fact]
    public async Task Every_event_is_stored_once_with_its_position_and_day()
    {
        log.Append(Some.Rows(1000, Some.Midnight - 5 * Some.Second));
        log.Append(Some.Rows(500, Some.Midnight + Some.Day, seed: 2));
        await StoreToEndAsync();

        var snapshot = await SnapshotAsync("logs");
        Assert.Equal(1500, snapshot.RowCount);
        Assert.Equal("0|0|0", DuckRows.Damage(snapshot, 1500));
        Assert.Equal(
            ["2026-01-01|500", "2026-01-02|500", "2026-01-03|500"],
            DuckRows.Query(snapshot, "SELECT date, count(*) FROM {t} WHERE CAST(timestamp AT TIME ZONE 'UTC' AS DATE)::VARCHAR = date GROUP BY date ORDER BY date"));
        Assert.Equal(1499, log.Stored);
        DeltaLogChecker.Check(folder["logs"]);
        DeltaLogChecker.Check(folder["dead_letters"]);
    }

    [Fact]
    public async Task A_restart_goes_on_after_the_position_in_the_table()
    {
        log.Append(Some.Rows(100, Some.Midnight), [Some.Rejected()]);
        await StoreToEndAsync();
        log.Append(Some.Rows(50, Some.Midnight, seed: 2), [Some.Rejected(), Some.Rejected()]);
        await StoreToEndAsync();
        await StoreToEndAsync();

        var letters = await SnapshotAsync("dead_letters");
        Assert.Equal(150, (await SnapshotAsync("logs")).RowCount);
        Assert.Equal(["web-logs|100|status|not a JSON object", "web-logs|151|status|not a JSON object", "web-logs|152|status|not a JSON object"],
            DuckRows.Query(letters, "SELECT stream, event_offset, field, reason FROM {t} ORDER BY event_offset"));
    }

    [Fact]
    public async Task Events_of_more_than_16_days_are_committed_in_parts_and_none_is_lost_or_repeated_when_that_is_cut_short()
    {
        // Every batch holds 40 days, row by row.
        for (var batch = 0; batch < 3; batch++)
        {
            log.Append(Some.Rows([.. Enumerable.Range(0, 400).Select(row => Some.Midnight - row * 7 % 40 * Some.Day)], seed: batch));
        }

        for (var cut = 1; cut <= 12; cut++)
        {
            var tables = new LakeTables(folder.Path, time);
            var commits = 0;
            tables.Commits.Reached = step =>
            {
                if (step == CommitStep.CommitWritten && ++commits == 2)
                {
                    throw new IOException("cut short");
                }
            };
            await using var writer = new LakeWriter(log, tables, new LakeOptions(), events, time, _ => { });
            try
            {
                await writer.RunToEndAsync(TestContext.Current.CancellationToken);
                break;
            }
            catch (LakeException error)
            {
                Assert.Contains("cut short", error.Message, StringComparison.Ordinal);
                Assert.True(cut < 12, "it never ended");
                if (cut < 6)
                {
                    log.Append(Some.Rows([.. Enumerable.Range(0, 40).Select(row => Some.Midnight - row * Some.Day)], seed: 10 + cut));
                }
            }
        }

        var snapshot = await SnapshotAsync("logs");
        Assert.Equal("0|0|0", DuckRows.Damage(snapshot, log.End));
        Assert.Equal("40", DuckRows.Value(snapshot, "SELECT count(DISTINCT date) FROM {t}"));
        DeltaLogChecker.Check(folder["logs"]);
    }

    [Theory]
    [InlineData("DataSynced")]
    [InlineData("CommitWritten")]
    public async Task A_writer_that_woke_up_after_its_successor_adds_nothing_twice(string step)
    {
        // Before a commit the lease says no; within a commit the position in the table does.
        log.Append(Some.Rows(100, Some.Midnight));
        await StoreToEndAsync();
        log.Append(Some.Rows(100, Some.Midnight, seed: 2));
        var successor = new Lazy<Task>(() => Task.Run(() => StoreToEndAsync()));
        var its = new SleepingTime(time.GetUtcNow());
        var tables = new LakeTables(folder.Path, its);
        tables.Commits.Reached = reached =>
        {
            if (reached == Enum.Parse<CommitStep>(step) && !successor.IsValueCreated)
            {
                log.Append(Some.Rows(50, Some.Midnight, seed: 3));
                its.Advance(TimeSpan.FromMinutes(5));
                time.Advance(TimeSpan.FromMinutes(5));
                successor.Value.GetAwaiter().GetResult();
            }
        };
        await using (var zombie = new LakeWriter(log, tables, new LakeOptions(), events, time, _ => { }))
        {
            await zombie.RunToEndAsync(TestContext.Current.CancellationToken);
        }

        var snapshot = await SnapshotAsync("logs");
        Assert.True(successor.IsValueCreated);
        Assert.Equal("0|0|0", DuckRows.Damage(snapshot, 250));
        Assert.Equal(snapshot.Files.Count, Directory.GetFiles(folder["logs"], "*.parquet", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task An_event_log_that_the_table_does_not_know_is_refused_until_it_is_adopted()
    {
        log.Append(Some.Rows(10, Some.Midnight));
        await StoreToEndAsync();
        await using var anew = new MemoryEventLog(Some.WebLogs, "11111111-2222-3333-4444-555555555555");
        anew.Append(Some.Rows(5, Some.Midnight, seed: 9));

        var error = await Assert.ThrowsAsync<LakeException>(() => StoreToEndAsync(anew));
        Assert.Contains(log.LogId, error.Message, StringComparison.Ordinal);
        Assert.Contains("LogPipeline:Lake:AdoptLog", error.Message, StringComparison.Ordinal);

        await StoreToEndAsync(anew, new LakeOptions { AdoptLog = anew.LogId });
        await StoreToEndAsync(anew);
        Assert.Equal(15, (await SnapshotAsync("logs")).RowCount);
    }

    [Fact]
    public async Task An_event_log_that_ends_before_the_position_in_the_table_is_refused()
    {
        log.Append(Some.Rows(10, Some.Midnight));
        await StoreToEndAsync();
        await using var older = new MemoryEventLog(Some.WebLogs);
        older.Append(Some.Rows(5, Some.Midnight));
        Assert.Contains("ends at 5", (await Assert.ThrowsAsync<LakeException>(() => StoreToEndAsync(older))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_that_the_log_no_longer_holds_are_counted_and_passed_over()
    {
        log.Append(Some.Rows(10, Some.Midnight));
        await StoreToEndAsync();
        log.Append(Some.Rows(10, Some.Midnight, seed: 2));
        log.Append(Some.Rows(10, Some.Midnight, seed: 3));
        log.Begin = 20;
        await using var writer = new LakeWriter(log, new LakeTables(folder.Path, time), new LakeOptions(), events, time, _ => { });
        await writer.RunToEndAsync(TestContext.Current.CancellationToken);
        Assert.Equal(10, writer.Gaps);
        Assert.Equal(29, log.Stored);
        Assert.Equal("20|0|29", DuckRows.Value(await SnapshotAsync("logs"), "SELECT count(*), min(event_offset), max(event_offset) FROM {t}"));
    }

    [Fact]
    public async Task A_following_writer_commits_when_the_interval_is_over_and_drains_what_is_left()
    {
        await using var writer = new LakeWriter(log, new LakeTables(folder.Path, time), new LakeOptions(), events, time, _ => { });
        writer.Start();
        log.Append(Some.Rows(10, Some.Midnight), [Some.Rejected()]);
        while (log.Stored < 10)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        Assert.Equal(TableWriterState.Following, writer.State);
        log.Append(Some.Rows(10, Some.Midnight, seed: 2));
        Assert.True(await writer.DrainAsync(TimeSpan.FromDays(1)));
        Assert.Equal(TableWriterState.Complete, writer.State);
        Assert.Equal(20, log.Stored);
        Assert.Equal(20, (await SnapshotAsync("logs")).RowCount);
        Assert.Equal(1, (await SnapshotAsync("dead_letters")).RowCount);
    }

    [Fact]
    public async Task A_volume_that_refuses_is_tried_again_and_nothing_is_lost()
    {
        var tables = new LakeTables(folder.Path, time);
        var failures = 3;
        tables.Commits.Reached = step =>
        {
            if (step == CommitStep.DataSynced && failures-- > 0)
            {
                throw new IOException("no space left on device");
            }
        };
        await using var writer = new LakeWriter(log, tables, new LakeOptions(), events, time, _ => { });
        log.Append(Some.Rows(10, Some.Midnight));
        writer.Start();
        var waited = false;
        while (log.Stored < 9)
        {
            waited |= Waits(writer);
            time.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Yield();
        }

        Assert.True(waited);
        Assert.Null(writer.Problem);
        Assert.Equal("0|0|0", DuckRows.Damage(await SnapshotAsync("logs"), 10));
        await writer.DrainAsync(TimeSpan.FromDays(1));
    }

    [Fact]
    public async Task A_table_that_lacks_a_column_gets_it_and_one_with_another_type_is_refused()
    {
        log.Append(Some.Rows(10, Some.Midnight));
        await StoreToEndAsync();
        var columns = Some.WebLogs.Schema.Columns;
        await using var wider = new MemoryEventLog(Some.WebLogs with { Schema = new StreamSchema("web-log", [.. columns, new StreamColumn("region", DataTypes.String, false, null)]) });
        var rows = Some.Rows(5, Some.Midnight, seed: 4);
        wider.Append(Some.Rows(10, Some.Midnight));
        wider.Append(new Apache.Arrow.RecordBatch(
            wider.Stream.Schema.Arrow, [.. rows.Arrays.SkipLast(1), new Apache.Arrow.StringArray.Builder().AppendRange(["a", "b", "c", "d", "e"]).Build(), rows.Arrays.Last()], 5));
        await StoreToEndAsync(wider);
        Assert.Equal(["NULL|10", "a|1", "b|1", "c|1", "d|1", "e|1"],
            DuckRows.Query(await SnapshotAsync("logs"), "SELECT region, count(*) FROM {t} GROUP BY region ORDER BY region NULLS FIRST"));
        DeltaLogChecker.Check(folder["logs"]);

        await using var other = new MemoryEventLog(Some.WebLogs with
        {
            Schema = new StreamSchema("web-log", [.. columns.Select(column => column.Name == "status" ? column with { Type = DataTypes.String } : column)]),
        });
        Assert.Contains("'status'", (await Assert.ThrowsAsync<LakeException>(() => StoreToEndAsync(other))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_read_back_is_what_was_sent()
    {
        var rows = Some.Rows(200, Some.Midnight);
        log.Append(rows);
        await StoreToEndAsync();
        var snapshot = await SnapshotAsync("logs");
        Assert.Equal(
            ["timestamp", "date", "level", "source", "endpoint", "method", "status", "response_time", "user_id", "session_id", "ip", "user_agent", "referrer", "bytes", "message",
             "trace_id", "span_id", "attributes", "event_partition", "event_offset", "received_at"],
            snapshot.Schema.Fields.Select(field => field.Name));
        Assert.False(snapshot.Schema.Fields[0].Nullable);
        Assert.Equal("map<string,string>", snapshot.Schema.Fields[17].Type.SimpleString);
        var read = DuckRows.Query(snapshot, "SELECT epoch_us(timestamp), level, status, response_time, message, bytes, map_keys(attributes)::VARCHAR, event_partition, epoch_us(received_at) FROM {t} ORDER BY event_offset");
        for (var row = 0; row < rows.Length; row++)
        {
            var attributes = (Apache.Arrow.MapArray)rows.Column(16);
            var keys = attributes.IsNull(row) ? "NULL" : "[" + string.Join(", ", Enumerable.Range(attributes.ValueOffsets[row], attributes.ValueOffsets[row + 1] - attributes.ValueOffsets[row])
                .Select(index => ((Apache.Arrow.StringArray)attributes.Keys).GetString(index))) + "]";
            Assert.Equal(
                string.Create(CultureInfo.InvariantCulture, $"{Some.Midnight + row * 10_000}|{Text(rows, "level", row)}|{Number(rows, "status", row)}|{Number(rows, "response_time", row)}|{Text(rows, "message", row)}|{Number(rows, "bytes", row)}|{keys}|0|1767312000000000"),
                read[row]);
        }
    }

    private static bool Waits(LakeWriter writer) => writer.State == TableWriterState.Waiting && writer.Problem == "no space left on device";

    private static string Text(Apache.Arrow.RecordBatch rows, string column, int row) => ((Apache.Arrow.StringArray)rows.Column(column)).GetString(row) ?? "NULL";

    private static string Number(Apache.Arrow.RecordBatch rows, string column, int row) => rows.Column(column) switch
    {
        Apache.Arrow.Int32Array ints => ints.GetValue(row)?.ToString(CultureInfo.InvariantCulture),
        Apache.Arrow.Int64Array longs => longs.GetValue(row)?.ToString(CultureInfo.InvariantCulture),
        Apache.Arrow.DoubleArray doubles => doubles.GetValue(row)?.ToString(CultureInfo.InvariantCulture),
        _ => throw new ArgumentException(column),
    } ?? "NULL";

    private async Task StoreToEndAsync(MemoryEventLog? from = null, LakeOptions? options = null)
    {
        await using var writer = new LakeWriter(from ?? log, new LakeTables(folder.Path, time), options ?? new LakeOptions(), events, time, _ => { });
        await writer.RunToEndAsync(TestContext.Current.CancellationToken);
    }

    private async Task<TableSnapshot> SnapshotAsync(string table) =>
        (await new LakeCatalog(new LakeTables(folder.Path, time)).FindAsync(table, TestContext.Current.CancellationToken))!;
}
