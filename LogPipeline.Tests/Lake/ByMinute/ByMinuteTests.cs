using System.Globalization;
using System.Text.Json;
using Apache.Arrow;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.ByMinute;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Leases;
using LogPipeline.Core.Lake.Upkeep;
using LogPipeline.Core.Lake.Writing;
using LogPipeline.Core.Percentiles;
using LogPipeline.Core.Streams;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace LogPipeline.Tests.Lake.ByMinute;

public sealed class ByMinuteTests : IAsyncDisposable
{
    private const string Keys = "minute, date, source, endpoint, method, status";
    private const string Sums = "sum(n), sum(errors), round(sum(sum_rt) + 0.00003, 3), max(max_rt), sum(bytes)";
    private readonly TemporaryFolder folder = new();
    private readonly MemoryEventLog log = new(Some.WebLogs);
    private readonly LakeEvents events = Some.Events();
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 4, 0, 0, 0, TimeSpan.Zero));

    public async ValueTask DisposeAsync()
    {
        folder.Dispose();
        events.Dispose();
        await log.DisposeAsync();
    }

    [Fact]
    public async Task Sums_and_histograms_are_those_of_the_events_whatever_the_ranges_were()
    {
        for (var round = 0; round < 4; round++)
        {
            log.Append(Some.Rows(3000, Some.Midnight - Some.Second + (round * Some.Day / 3), Some.Second / 2, seed: round), [Some.Rejected()]);
            log.Append(WithResponseTimes(Some.Rows(Edges.Length, Some.Midnight + (round * Some.Second), seed: 50 + round), Edges));
            await StoreAsync();
            Derive();
            Assert.Equal(0, Writer().Waiting());
        }

        CheckAgainstSource();
        var derived = Snapshot("logs_by_minute");
        Assert.Equal(ByMinuteTable.Schema.Fields.Select(field => (field.Name, field.Type.SimpleString)), derived.Schema.Fields.Select(field => (field.Name, field.Type.SimpleString)));
        Assert.Equal(["date"], derived.PartitionColumns);
        Assert.Equal(log.End - 1, derived.Transactions[StoredPositions.AppIdOf("web-logs", log.LogId, 0)]);
        Assert.Equal(
            "4|0",
            DuckRows.Value(derived, "SELECT count(*), count(*) FILTER (from_offset <> until + 1) FROM (SELECT from_offset, coalesce(lag(to_offset) OVER (ORDER BY from_offset), -1) AS until FROM (SELECT DISTINCT from_offset, to_offset FROM {t}))"));
        DeltaLogChecker.Check(folder["logs_by_minute"]);
    }

    [Fact]
    public async Task A_range_over_many_days_is_committed_in_parts_that_a_failure_does_not_repeat()
    {
        log.Append(Some.Rows([.. Enumerable.Range(0, 800).Select(row => Some.Midnight - (row * 7 % 40 * Some.Day))]));
        await StoreAsync();
        for (var cut = 1; ; cut++)
        {
            Assert.True(cut < 12, "it never ended");
            var tables = new LakeTables(folder.Path, time);
            var commits = 0;
            tables.Commits.Reached = step =>
            {
                if (step == CommitStep.CommitSynced && tables.Find("logs_by_minute") is { } table && table.Read(state => state.Version) > 0 && ++commits == 1)
                {
                    throw new IOException("cut short");
                }
            };
            using (Lease(tables))
            {
                if (Writer(tables).RunToEnd(TestContext.Current.CancellationToken) is null)
                {
                    break;
                }
            }

            // What arrives meanwhile does not widen the range that was begun.
            if (cut < 3)
            {
                log.Append(Some.Rows(30, Some.Midnight, seed: cut));
                await StoreAsync();
            }
        }

        CheckAgainstSource();
        Assert.Equal("40", DuckRows.Value(Snapshot("logs_by_minute"), "SELECT count(DISTINCT date) FROM {t}"));
        DeltaLogChecker.Check(folder["logs_by_minute"]);
    }

    [Theory]
    [InlineData("DataWritten")]
    [InlineData("CommitWritten")]
    [InlineData("CommitLinked")]
    [InlineData("CommitSynced")]
    public async Task A_process_killed_at_any_step_counts_no_event_twice(string step)
    {
        // The first commit makes the table; the next one holds the range.
        var root = folder[step];
        await using var its = LakeChild.LogOfChild();
        await StoreAsync(its, root);
        var (exitCode, output) = await LakeChild.RunAsync($"derive {root} {step} {(step == "DataWritten" ? 1 : 2)}");
        Assert.True(exitCode == 128 + 9, $"{exitCode}: {output}");
        Derive(its, root);
        CheckAgainstSource(root);
    }

    [Fact]
    public void Partitions_are_derived_together_and_only_what_is_stored_of_each()
    {
        BareRows.Commit(new LakeTables(folder.Path, time), (0, 100_000_000_000, 400), (1, 0, 250));
        Assert.Equal(650, CountedAfter(new Dictionary<int, long> { [0] = 100_000_000_399, [1] = 249 }));
        Assert.Equal(650, CountedAfter(new Dictionary<int, long> { [0] = 100_000_000_399, [1] = 249 }));
        Assert.True(Snapshot("logs_by_minute").Version <= 4, "offsets before the first event are derived in one range");

        BareRows.Commit(new LakeTables(folder.Path, time), (1, 250, 100), (2, 7, 30));
        Assert.Equal(650 + 50 + 30, CountedAfter(new Dictionary<int, long> { [0] = 100_000_000_399, [1] = 299, [2] = 36 }));
        Assert.Equal(780, CountedAfter(new Dictionary<int, long> { [0] = 100_000_000_399, [1] = 349, [2] = 36 }));
    }

    [Fact]
    public void Rows_of_a_partition_that_has_nothing_to_derive_hide_none_that_follow_them_and_repeat_none()
    {
        BareRows.Commit(new LakeTables(folder.Path, time), (1, 0, 5), (0, 0, 10));
        Assert.Equal(5, CountedAfter(new Dictionary<int, long> { [0] = 4 }));
        Assert.Equal(10, CountedAfter(new Dictionary<int, long> { [0] = 9 }));
        Assert.Equal(15, CountedAfter(new Dictionary<int, long> { [0] = 9, [1] = 4 }));
    }

    [Fact]
    public async Task Small_files_are_merged_and_the_sums_stay()
    {
        for (var round = 0; round < 6; round++)
        {
            log.Append(Some.Rows(200, Some.Midnight + (round * 60 * Some.Second), seed: round));
            await StoreAsync();
            Derive();
        }

        var tables = new LakeTables(folder.Path, time);
        Assert.Equal(6, new TableUpkeep(tables.Find("logs_by_minute")!, new LakeOptions(), events, time).Optimize(TestContext.Current.CancellationToken).FilesRemoved);
        Assert.Single(Snapshot("logs_by_minute").Files);
        CheckAgainstSource();
        DeltaLogChecker.Check(folder["logs_by_minute"]);
    }

    [Fact]
    public void Only_streams_of_web_requests_have_a_table_by_minute()
    {
        Assert.Equal("logs_by_minute", ByMinuteTable.Of(Some.WebLogs)!.Name);
        Assert.Null(ByMinuteTable.Of(Some.WebLogs with { Schema = new StreamSchema("sensor", [new StreamColumn("ts", Core.Types.DataTypes.Timestamp, true, null)]) }));
    }

    [Fact]
    public async Task Spark_derives_the_same_rows_from_the_same_table()
    {
        if (SparkReader.Home is null)
        {
            Assert.Skip("SPARK_HOME is not set");
        }

        log.Append(Some.Rows(5000, Some.Midnight - (90 * Some.Second), Some.Second / 30));
        log.Append(WithResponseTimes(Some.Rows(Edges.Length, Some.Midnight, seed: 5), Edges));
        await StoreAsync();
        Derive();
        log.Append(Some.Rows(700, Some.Midnight, seed: 7));
        await StoreAsync();
        Derive();
        var ranges = DuckRows.Query(Snapshot("logs_by_minute"), "SELECT DISTINCT from_offset, to_offset FROM {t} ORDER BY 1")
            .Select(row => row.Split('|')).Select(row => new EventRange(0, long.Parse(row[0], CultureInfo.InvariantCulture), long.Parse(row[1], CultureInfo.InvariantCulture))).ToList();
        Assert.Equal(2, ranges.Count);

        const string Columns = "unix_micros(minute), string(date), source, endpoint, method, status, n, errors, round(sum_rt + 0.00003D, 3), max_rt, bytes, rt_histogram, event_partition, from_offset, to_offset";
        var theirs = await SparkReader.QueryAsync(
            $"SELECT to_json(array_agg(struct({Columns}))) AS answer, 'spark' AS who FROM ({string.Join(" UNION ALL ", ranges.Select(range => ByMinuteTable.SelectSql("logs", range)))}) "
            + $"UNION ALL SELECT to_json(array_agg(struct({Columns}))), 'us' FROM derived "
            + $"UNION ALL SELECT string(max(abs({ByMinuteTable.MiddleSql("shiftright(b, 32)")} - {string.Create(CultureInfo.InvariantCulture, $"{ResponseBins.Middle(ResponseBins.Of(123.4)):R}")}D))), 'middle' FROM derived LATERAL VIEW explode(rt_histogram) AS b WHERE shiftright(b, 32) = {ResponseBins.Of(123.4)}",
            ("logs", folder["logs"]), ("derived", folder["logs_by_minute"]));
        var rows = theirs.ToDictionary(row => row.GetProperty("who").GetString()!, row => row.GetProperty("answer").GetString()!);
        Assert.Equal(Canonical(rows["us"]), Canonical(rows["spark"]));
        Assert.Equal(0, double.Parse(rows["middle"], CultureInfo.InvariantCulture));

        static IEnumerable<string> Canonical(string array)
        {
            using var document = JsonDocument.Parse(array);
            return [.. document.RootElement.EnumerateArray().Select(row => row.GetRawText()).Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Every bucket's edge in a few powers of two and what lies just below it, and what lies outside.</summary>
    private static double?[] Edges { get; } =
    [
        null, -1, 0, 1e-9, ResponseBins.Least, Math.BitDecrement(ResponseBins.Least), ResponseBins.Most, Math.BitDecrement(ResponseBins.Most), 1e12, 123.4, double.NaN,
        .. from octave in (int[])[-10, -3, 0, 2, 3, 9, 20, 23]
           from step in Enumerable.Range(0, 33)
           let edge = Math.Pow(2, octave) * (1 + (step / 32.0))
           from value in (double?[])[edge, Math.BitDecrement(edge)]
           select value,
    ];

    private static RecordBatch WithResponseTimes(RecordBatch rows, double?[] times)
    {
        var builder = new DoubleArray.Builder();
        foreach (var value in times)
        {
            _ = value is { } one ? builder.Append(one) : builder.AppendNull();
        }

        var arrays = rows.Arrays.ToArray();
        arrays[Some.WebLogs.Schema.IndexOf("response_time")] = builder.Build();
        return new RecordBatch(rows.Schema, arrays, rows.Length);
    }

    private void CheckAgainstSource(string? root = null)
    {
        var source = Snapshot("logs", root);
        var derived = Snapshot("logs_by_minute", root);
        const string Timed = "CASE WHEN response_time >= 0 AND NOT isnan(response_time) THEN response_time END";
        Assert.Equal(
            DuckRows.Query(source, $"SELECT {Keys}, {Sums} FROM (SELECT date_trunc('minute', timestamp) AS minute, date, source, endpoint, method, status, 1 AS n, CASE WHEN level = 'ERROR' OR status >= 500 THEN 1 ELSE 0 END AS errors, {Timed} AS sum_rt, {Timed} AS max_rt, bytes FROM {{t}}) GROUP BY ALL ORDER BY ALL"),
            DuckRows.Query(derived, $"SELECT {Keys}, {Sums} FROM {{t}} GROUP BY ALL ORDER BY ALL"));

        var expected = new SortedDictionary<(string, int), long>();
        foreach (var row in DuckRows.Query(source, $"SELECT endpoint, {Timed} FROM {{t}} WHERE {Timed} IS NOT NULL"))
        {
            var cells = row.Split('|');
            var key = (cells[0], ResponseBins.Of(double.Parse(cells[1], CultureInfo.InvariantCulture)));
            expected[key] = expected.GetValueOrDefault(key) + 1;
        }

        Assert.Equal(
            expected.Select(one => $"{one.Key.Item1}|{one.Key.Item2}|{one.Value}").Order(StringComparer.Ordinal),
            DuckRows.Query(derived, "SELECT endpoint, b >> 32, sum(b & 4294967295) FROM (SELECT endpoint, unnest(rt_histogram) AS b FROM {t}) GROUP BY ALL").Order(StringComparer.Ordinal));
        Assert.Equal("0", DuckRows.Value(derived, "SELECT count(*) FROM {t} WHERE rt_histogram <> list_sort(rt_histogram)"));
    }

    /// <summary>Events in the derived table after everything up to some positions was derived.</summary>
    private long CountedAfter(Dictionary<int, long> stored)
    {
        var tables = new LakeTables(folder.Path, time);
        using var lease = Lease(tables);
        new ByMinuteWriter(log, ByMinuteTable.Of(Some.WebLogs)!, tables, new Stored(stored), events, time, _ => { }).RunToEnd(TestContext.Current.CancellationToken);
        return long.Parse(DuckRows.Value(Snapshot("logs_by_minute"), "SELECT sum(n) FROM {t}"), CultureInfo.InvariantCulture);
    }

    private ByMinuteWriter Writer(LakeTables? tables = null) =>
        new(log, ByMinuteTable.Of(Some.WebLogs)!, tables ?? new LakeTables(folder.Path, time), new TransactionPositions(), events, time, _ => { });

    private void Derive(IEventLog? from = null, string? root = null)
    {
        var tables = new LakeTables(root ?? folder.Path, time);
        using var lease = Lease(tables);
        Assert.Null(new ByMinuteWriter(from ?? log, ByMinuteTable.Of(Some.WebLogs)!, tables, new TransactionPositions(), events, time, _ => { }).RunToEnd(TestContext.Current.CancellationToken));
    }

    private static TableLease Lease(LakeTables tables) => Assert.IsType<LeaseOutcome.Held>(tables.Leases.TryAcquire("logs_by_minute", EngineKind.Embedded)).Lease;

    private async Task StoreAsync(IEventLog? from = null, string? root = null)
    {
        await using var writer = new LakeWriter(from ?? log, new LakeTables(root ?? folder.Path, time), new LakeOptions(), events, time, _ => { });
        await writer.RunToEndAsync(TestContext.Current.CancellationToken);
    }

    private TableSnapshot Snapshot(string table, string? root = null) => new LakeTables(root ?? folder.Path, time).Find(table)!.Snapshot();

    private sealed class Stored(Dictionary<int, long> last) : ITablePositions
    {
        public StoredPositions Read(string stream, string logId, TableSnapshot? table, TableSnapshot? deadLetters) => new(last, true);

        public IReadOnlySet<string> LogsOf(string stream, TableSnapshot? table) => new HashSet<string>();
    }
}
