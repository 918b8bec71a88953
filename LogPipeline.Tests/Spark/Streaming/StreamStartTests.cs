using System.Globalization;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Leases;
using LogPipeline.Core.Lake.Writing;
using LogPipeline.Spark.Streaming;
using LogPipeline.Tests.Lake;
using LogPipeline.Tests.Lake.Leases;
using Xunit;

namespace LogPipeline.Tests.Spark.Streaming;

/// <summary>Where the engines begin, by what both of them and the topic say. What Spark leaves behind is written by hand, in the form in which it writes it.</summary>
public sealed class StreamStartTests : IAsyncDisposable
{
    private const string QueryOfRows = "8a5e1c7e-3f0c-4f6e-9a34-6b1f0a4c2d11";
    private const string QueryOfLetters = "1b9d3c52-70d4-4c1c-8f0e-2f5a9e6b7c22";
    private readonly TemporaryFolder folder = new();
    private readonly MemoryEventLog log = new(Some.WebLogs);
    private readonly LakeEvents events = Some.Events();

    private LakeTables Tables => new(folder["lake"], TimeProvider.System);

    private StreamCheckpoints Checkpoints => new(folder["checkpoints"]);

    private StreamingPositions Positions => new(Checkpoints, new LakeOptions());

    public async ValueTask DisposeAsync()
    {
        folder.Dispose();
        events.Dispose();
        await log.DisposeAsync();
    }

    [Fact]
    public void A_first_start_begins_at_the_topics_begin_and_a_second_one_on_the_same_checkpoint()
    {
        var first = Open();
        Assert.Empty(first.Checkpoint.Rows.Start);
        Assert.Equal(first.Checkpoint.Folder, Open().Checkpoint.Folder);
    }

    [Fact]
    public void Spark_goes_on_after_its_batch_that_the_table_has_and_not_after_one_that_was_only_planned()
    {
        log.Append(Some.Rows(100, Some.Midnight));
        var start = Open();
        SparkPlans(start.Checkpoint.Rows, QueryOfRows, 0, 40);
        SparkCommits("logs", QueryOfRows, 0);
        SparkPlans(start.Checkpoint.Rows, QueryOfRows, 1, 70);
        Assert.Equal(start.Checkpoint.Folder, Open().Checkpoint.Folder);
        Assert.Equal(39, Stored().Last[0]);
        Assert.Equal([KeyValuePair.Create(0, 0L)], Stored().DeadLettersMissing);
        Assert.False(Stored().Settled);

        SparkPlans(start.Checkpoint.DeadLetters, QueryOfLetters, 0, 40);
        SparkCommits("dead_letters", QueryOfLetters, 0);
        Assert.True(Stored().Settled);
        SparkCommits("logs", QueryOfRows, 1);
        Assert.Equal(69, Stored().Last[0]);
    }

    [Fact]
    public async Task Engines_that_take_turns_begin_where_the_other_ended()
    {
        log.Append(Some.Rows(100, Some.Midnight), [Some.Rejected()]);
        await EmbeddedStoresAsync();
        var spark = Open();
        Assert.Equal([KeyValuePair.Create(0, 101L)], spark.Checkpoint.Rows.Start);
        Assert.Equal([KeyValuePair.Create(0, 101L)], spark.Checkpoint.DeadLetters.Start);

        log.Append(Some.Rows(50, Some.Midnight, seed: 2), [Some.Rejected()]);
        log.Append(Some.Rows(10, Some.Midnight, seed: 3), [Some.Rejected()]);
        SparkPlans(spark.Checkpoint.Rows, QueryOfRows, 0, 163);
        SparkCommits("logs", QueryOfRows, 0);
        SparkPlans(spark.Checkpoint.DeadLetters, QueryOfLetters, 0, 152);
        SparkCommits("dead_letters", QueryOfLetters, 0);

        // The rows that Spark stored are not stored again, by anybody; the dead letter that it had not come to is.
        await EmbeddedStoresAsync();
        await EmbeddedStoresAsync();
        Assert.Equal(100, Tables.Find("logs")!.Snapshot().RowCount);
        Assert.Equal(
            ["100", "162"],
            DuckRows.Query(Tables.Find("dead_letters")!.Snapshot(), "SELECT event_offset FROM {t} ORDER BY event_offset"));
        Assert.True(Stored().Settled);
        Assert.Equal(162, Stored().Last[0]);

        log.Append(Some.Rows(9, Some.Midnight, seed: 4));
        await EmbeddedStoresAsync();
        Assert.Equal(109, Tables.Find("logs")!.Snapshot().RowCount);
        var again = Open();
        Assert.NotEqual(spark.Checkpoint.Folder, again.Checkpoint.Folder);
        Assert.Equal([KeyValuePair.Create(0, 172L)], again.Checkpoint.Rows.Start);
        Assert.Equal([KeyValuePair.Create(0, 172L)], again.Checkpoint.DeadLetters.Start);
        Assert.Equal(171, Stored().Last[0]);
    }

    [Fact]
    public void What_the_topic_lost_is_a_gap_and_the_queries_begin_behind_it()
    {
        log.Append(Some.Rows(100, Some.Midnight));
        var start = Open();
        SparkPlans(start.Checkpoint.Rows, QueryOfRows, 0, 10);
        SparkCommits("logs", QueryOfRows, 0);
        log.Begin = 30;
        var behind = Open();
        Assert.Equal([new EventRange(0, 10, 29)], behind.Gaps);
        Assert.Equal([KeyValuePair.Create(0, 30L)], behind.Checkpoint.Rows.Start);
        Assert.Equal(20, behind.Checkpoint.Lost);
        Assert.Empty(Open().Gaps);
        Assert.Equal(20, Open().Checkpoint.Lost);
    }

    [Fact]
    public void A_topic_made_anew_is_refused_unless_it_is_adopted()
    {
        log.Append(Some.Rows(100, Some.Midnight));
        var start = Open();
        SparkPlans(start.Checkpoint.Rows, QueryOfRows, 0, 10);
        SparkCommits("logs", QueryOfRows, 0);
        var another = new MemoryEventLog(Some.WebLogs, "11111111-2222-3333-4444-555555555555");
        var refused = Assert.Throws<LakeException>(() => StreamStart.Open(another, Tables, Checkpoints, new LakeOptions()));
        Assert.Contains(another.LogId, refused.Message, StringComparison.Ordinal);
        Assert.Empty(StreamStart.Open(another, Tables, Checkpoints, new LakeOptions { AdoptLog = another.LogId }).Checkpoint.Rows.Start);
    }

    [Fact]
    public void A_checkpoint_that_does_not_know_the_tables_batch_is_refused()
    {
        log.Append(Some.Rows(100, Some.Midnight));
        var start = Open();
        SparkPlans(start.Checkpoint.Rows, QueryOfRows, 0, 10);
        SparkCommits("logs", QueryOfRows, 5);
        Assert.Contains("Bring the checkpoint back", Assert.Throws<LakeException>(Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_with_batches_of_a_query_whose_checkpoint_is_elsewhere_is_refused_unless_the_log_is_adopted()
    {
        log.Append(Some.Rows(100, Some.Midnight));
        SparkPlans(Open().Checkpoint.Rows, QueryOfRows, 0, 40);
        SparkCommits("logs", QueryOfRows, 0);
        var elsewhere = new StreamCheckpoints(folder["elsewhere"]);
        Assert.Contains("CheckpointFolder", Assert.Throws<LakeException>(() => StreamStart.Open(log, Tables, elsewhere, new LakeOptions())).Message, StringComparison.Ordinal);
        Assert.Contains("CheckpointFolder", Assert.Throws<LakeException>(() => StreamStart.Check(log, Tables, elsewhere, new LakeOptions())).Message, StringComparison.Ordinal);
        Assert.Contains(
            QueryOfRows,
            Assert.Throws<LakeException>(() => new StreamingPositions(elsewhere, new LakeOptions()).Read(log, Tables.Find("logs")!.Snapshot(), null)).Message,
            StringComparison.Ordinal);
        Assert.Empty(StreamStart.Open(log, Tables, elsewhere, new LakeOptions { AdoptLog = log.LogId }).Checkpoint.Rows.Start);
    }

    [Fact]
    public void Events_of_the_log_before_are_read_as_its_checkpoint_says_while_the_switch_is_not_committed_yet()
    {
        log.Append(Some.Rows(100, Some.Midnight));
        SparkPlans(Open().Checkpoint.Rows, QueryOfRows, 0, 40);
        BareRows.Commit(Tables, (0, 0, 40));
        SparkCommits("logs", QueryOfRows, 0);
        var next = new MemoryEventLog(Some.WebLogs, "11111111-2222-3333-4444-555555555555");
        Assert.Equal(40, new StoredEvents(Tables, Positions).Read(next, [], 0, TestContext.Current.CancellationToken)!.Sum(batch => batch.Events.Length));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_query_that_outlives_its_host_is_shut_out_and_the_next_writer_begins_behind_it(bool hasStored)
    {
        log.Append(Some.Rows(100, Some.Midnight), [Some.Rejected()]);
        var start = Open();
        SparkPlans(start.Checkpoint.Rows, QueryOfRows, 0, 40);
        if (hasStored)
        {
            SparkCommits("logs", QueryOfRows, 0);
        }

        var asleep = new SleepingTime(TimeProvider.System.GetUtcNow());
        using var dead = Lease(new LakeTables(folder["lake"], asleep, TimeSpan.FromTicks(1)));
        var tables = new LakeTables(folder["lake"], TimeProvider.System, TimeSpan.FromTicks(1));
        using var lease = Lease(tables);
        WriterFence.Raise(lease, log, tables, Positions);

        // Delta's sink passes over a batch whose number is not above this.
        Assert.True(Tables.Find("logs")!.Snapshot().Transactions[QueryOfRows] > int.MaxValue);
        Assert.Equal(hasStored ? 39 : -1, Stored().Last.GetValueOrDefault(0, -1));
        var next = Open();
        Assert.NotEqual(start.Checkpoint.Folder, next.Checkpoint.Folder);
        Assert.Equal(hasStored ? 40 : 0, next.Checkpoint.Rows.Start.GetValueOrDefault(0));

        var version = Tables.Find("logs")!.Snapshot().Version;
        WriterFence.Raise(lease, log, tables, Positions);
        Assert.Equal(version, Tables.Find("logs")!.Snapshot().Version);
        lease.Dispose();
        await EmbeddedStoresAsync();
        Assert.Equal(hasStored ? 60 : 100, Tables.Find("logs")!.Snapshot().RowCount);
        Assert.Equal(1, Tables.Find("dead_letters")!.Snapshot().RowCount);
    }

    private static WriterLease Lease(LakeTables tables)
    {
        WriterLease? lease;
        while ((lease = WriterLease.TryAcquire(tables.Leases, ["logs", "dead_letters"], EngineKind.Spark, out _)) is null)
        {
        }

        return lease;
    }

    private StreamStart Open() => StreamStart.Open(log, Tables, Checkpoints, new LakeOptions());

    private StoredPositions Stored() => Positions.Read(log, Tables.Find("logs")!.Snapshot(), Tables.Find("dead_letters")!.Snapshot());

    private async Task EmbeddedStoresAsync()
    {
        await using var writer = new LakeWriter(log, Tables, new LakeOptions(), events, TimeProvider.System, _ => { }, Positions);
        await writer.RunToEndAsync(TestContext.Current.CancellationToken);
    }

    private static void SparkPlans(QueryCheckpoint checkpoint, string query, int batch, long end)
    {
        Directory.CreateDirectory(Path.Combine(checkpoint.Folder, "offsets"));
        File.WriteAllText(Path.Combine(checkpoint.Folder, "metadata"), $$"""{"id":"{{query}}"}""");
        File.WriteAllText(
            Path.Combine(checkpoint.Folder, "offsets", batch.ToString(CultureInfo.InvariantCulture)),
            string.Create(CultureInfo.InvariantCulture, $$$"""
            v1
            {"batchWatermarkMs":0,"batchTimestampMs":1795614717224,"conf":{}}
            {"web-logs":{"0":{{{end}}}}}
            """));
    }

    private void SparkCommits(string table, string query, long batch)
    {
        var target = Tables.Find(table)!;
        var moved = target.Snapshot().Transactions.TryGetValue(query, out var before) ? before : (long?)null;
        Assert.IsType<CommitOutcome.Committed>(target.Commit(new CommitRequest("STREAMING UPDATE") { Txns = [new TxnMove(query, moved, batch)] }));
    }
}
