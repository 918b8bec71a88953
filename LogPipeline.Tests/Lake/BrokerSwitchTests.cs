using LogPipeline.Core.Configuration;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.EventLog.Embedded;
using LogPipeline.Core.EventLog.Kafka;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Writing;
using LogPipeline.Spark.Streaming;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace LogPipeline.Tests.Lake;

/// <summary>The commit by which a table goes on with another event log: a real embedded log before, one in memory in the place of a topic.</summary>
public sealed class BrokerSwitchTests : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DataFolder data;
    private readonly MemoryEventLog topic = new(Some.WebLogs, "id-of-a-topic");
    private readonly EventLogEvents logEvents = new(NullLogger<EventLogEvents>.Instance);
    private readonly LakeEvents events = Some.Events();
    private readonly LakeTables tables;

    public BrokerSwitchTests()
    {
        data = ((FolderAcquisition.Acquired)DataFolder.Acquire(folder["data"], new FolderOwner(Environment.ProcessId, null, "test"))).Folder;
        tables = new LakeTables(folder["lake"], TimeProvider.System);
    }

    private StreamingPositions Positions => new(new StreamCheckpoints(folder["checkpoints"]), new LakeOptions());

    public async ValueTask DisposeAsync()
    {
        await topic.DisposeAsync();
        data.Dispose();
        folder.Dispose();
        logEvents.Dispose();
        events.Dispose();
    }

    [Fact]
    public async Task A_log_has_its_turn_once_the_one_before_is_stored_and_derived()
    {
        await AppendAsync(100, isStored: true);
        await AppendAsync(50, isStored: false);
        var refused = await Assert.ThrowsAsync<LakeException>(() => SwitchAsync());
        Assert.Contains("stored up to offset 99 and ends at 150", refused.Message, StringComparison.Ordinal);
        Assert.Contains("lake drain --stream web-logs --set Broker=Embedded", refused.Message, StringComparison.Ordinal);

        await AppendAsync(0, isStored: true);
        await SwitchAsync();
        Assert.Equal("150", DuckRows.Value(Snapshot("logs_by_minute"), "SELECT sum(n) FROM {t}"));
        var version = Snapshot("logs").Version;
        await SwitchAsync();
        Assert.Equal(version, Snapshot("logs").Version);

        topic.Append(Some.Rows(30, Some.Midnight), [Some.Rejected()]);
        await StoreAsync(topic);
        Assert.Equal(["0|150|149", "65536|30|29"], DuckRows.Query(Snapshot("logs"), "SELECT event_partition, count(*), max(event_offset) FROM {t} GROUP BY ALL ORDER BY ALL"));
        Assert.Equal("65536|30", DuckRows.Value(Snapshot("dead_letters"), "SELECT event_partition, event_offset FROM {t}"));
        Assert.Contains("the event log " + topic.LogId, (await Assert.ThrowsAsync<LakeException>(() => AppendAsync(0, isStored: true))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_nobody_knows_what_is_stored_of_the_log_before_the_message_names_the_log_to_adopt()
    {
        var before = await AppendAsync(100, isStored: true);
        Assert.IsType<CommitOutcome.Committed>(tables.Find("logs")!.Commit(new CommitRequest("STREAMING UPDATE") { Txns = [new TxnMove("7f1f3c3a-58a1-4c8f-9d9c-0d2f0c8b7d11", null, 0)] }));
        var refused = await Assert.ThrowsAsync<LakeException>(() => SwitchAsync());
        Assert.Contains("CheckpointFolder", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith($"LogPipeline:Lake:AdoptLog to {topic.LogId}", refused.Message, StringComparison.Ordinal);

        await SwitchAsync(topic.LogId);
        Assert.Equal(topic.LogId, new LogTurns(Some.WebLogs.Name, Snapshot("logs").Transactions, Positions.LogsOf(Some.WebLogs.Name, Snapshot("logs"))).CurrentFor(before));
    }

    [Fact]
    public async Task What_is_stored_of_a_log_that_is_left_behind_is_derived()
    {
        await AppendAsync(100, isStored: true);
        await AppendAsync(50, isStored: false);
        await SwitchAsync(topic.LogId);
        Assert.Equal("100", DuckRows.Value(Snapshot("logs_by_minute"), "SELECT sum(n) FROM {t}"));
    }

    private TableSnapshot Snapshot(string table) => tables.Find(table)!.Snapshot();

    /// <summary>Appends to the embedded log, whose identity it returns.</summary>
    private async Task<string> AppendAsync(int count, bool isStored)
    {
        await using var log = EmbeddedEventLog.Open(
            Path.Combine(data.EventLog, Some.WebLogs.Name), Some.WebLogs, new EventLogOptions { MemoryMiB = 16, SegmentMiB = 16 }, logEvents, TimeProvider.System);
        if (count > 0)
        {
            using var batch = new ParsedBatch(Some.WebLogs, Some.Rows(count, Some.Midnight), [], null);
            Assert.IsType<AppendOutcome.Appended>(await log.AppendAsync(batch, TestContext.Current.CancellationToken));
        }

        if (isStored)
        {
            await StoreAsync(log);
        }

        return log.LogId;
    }

    private async Task StoreAsync(IEventLog log)
    {
        await using var writer = new LakeWriter(log, tables, new LakeOptions(), events, TimeProvider.System, _ => { });
        await writer.RunToEndAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Starts with the topic.</summary>
    private async Task SwitchAsync(string adopted = "")
    {
        var options = Options.Create(new LakeOptions { AdoptLog = adopted });
        var host = new PipelineOptions { Broker = BrokerKind.Kafka };
        using var upkeep = new LakeUpkeep(tables, options, events, TimeProvider.System);
        await new BrokerSwitch(tables, Positions, new OtherBroker(Options.Create(new KafkaOptions()), host, data), options, events, upkeep, TimeProvider.System, host).BeginAsync(topic);
    }
}
