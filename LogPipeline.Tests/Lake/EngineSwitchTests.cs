using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.EventLog.Kafka;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Writing;
using LogPipeline.Spark.Streaming;
using Microsoft.Extensions.Options;
using Xunit;

namespace LogPipeline.Tests.Lake;

/// <summary>Handing tables over to an engine that begins where <see cref="StreamStart"/> says.</summary>
public sealed class EngineSwitchTests : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly MemoryEventLog log = new(Some.WebLogs);
    private readonly LakeEvents events = Some.Events();

    private LakeTables Tables => new(folder["lake"], TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        folder.Dispose();
        events.Dispose();
        await log.DisposeAsync();
    }

    [Fact]
    public async Task A_first_batch_that_was_committed_in_part_is_finished_first()
    {
        log.Append(Some.Rows([.. Enumerable.Range(0, 400).Select(row => Some.Midnight - row * 7 % 40 * Some.Day)]));
        await CutShortAsync();
        Assert.Contains("part of a batch", Assert.Throws<LakeException>(() => StreamStart.Open(log, Tables, Checkpoints, new LakeOptions())).Message, StringComparison.Ordinal);

        var target = new SparkStarts(this);
        var done = await SwitchTo(target).RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal([KeyValuePair.Create(0, 399L)], Assert.Single(done).Last);
        Assert.Equal([KeyValuePair.Create(0, 400L)], target.Start!.Checkpoint.Rows.Start);
        Assert.Equal("0|0|0", DuckRows.Damage(Tables.Find("logs")!.Snapshot(), log.End));
    }

    [Fact]
    public async Task Every_problem_is_found_and_nothing_is_changed()
    {
        var problems = await SwitchTo(Embedded()).CheckAsync(TestContext.Current.CancellationToken);
        Assert.Empty(problems);
        Assert.False(Directory.Exists(folder["lake"]));

        log.Append(Some.Rows(10, Some.Midnight));
        await using (var writer = Embedded().Create(log))
        {
            await writer.TakeOverAsync(TestContext.Current.CancellationToken);
        }

        foreach (var table in (string[])["logs", "dead_letters"])
        {
            await File.WriteAllTextAsync(
                Path.Combine(folder["lake"], table, "_delta_log", "00000000000000000001.json"), """{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["fancy"],"writerFeatures":["fancy"]}}""" + "\n", TestContext.Current.CancellationToken);
        }

        problems = await SwitchTo(Embedded()).CheckAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, problems.Count);
        Assert.All(problems, problem => Assert.Contains("fancy", problem, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_that_the_table_does_not_know_is_a_problem()
    {
        log.Append(Some.Rows(10, Some.Midnight));
        await using (var writer = Embedded().Create(log))
        {
            await writer.RunToEndAsync(TestContext.Current.CancellationToken);
        }

        await using var another = new MemoryEventLog(Some.WebLogs, "11111111-2222-3333-4444-555555555555");
        var problem = Assert.Single(await Embedded().CheckAsync(another, TestContext.Current.CancellationToken));
        Assert.Contains(log.LogId, problem, StringComparison.Ordinal);
        Assert.Contains("AdoptLog", problem, StringComparison.Ordinal);
    }

    private StreamCheckpoints Checkpoints => new(folder["checkpoints"]);

    private LakeWriterFactory Embedded()
    {
        var options = Options.Create(new LakeOptions());
        var tables = Tables;
        return new LakeWriterFactory(tables, options, events, new LakeUpkeep(tables, options, events, TimeProvider.System), new TransactionPositions(), TimeProvider.System);
    }

    private EngineSwitch SwitchTo(IStreamWriterFactory engine)
    {
        var options = Options.Create(new LakeOptions());
        var tables = Tables;
        var brokerSwitch = new BrokerSwitch(
            tables, new TransactionPositions(), new OtherBroker(Options.Create(new KafkaOptions())), options, events, new LakeUpkeep(tables, options, events, TimeProvider.System), TimeProvider.System);
        return new EngineSwitch(new OneLog(log), Tables, engine, Embedded(), new TransactionPositions(), brokerSwitch);
    }

    private async Task CutShortAsync()
    {
        var tables = Tables;
        var commits = 0;
        tables.Commits.Reached = step =>
        {
            if (step == CommitStep.CommitWritten && ++commits == 4)
            {
                throw new IOException("cut short");
            }
        };
        await using var writer = new LakeWriter(log, tables, new LakeOptions(), events, TimeProvider.System, _ => { });
        await Assert.ThrowsAsync<LakeException>(() => writer.RunToEndAsync(TestContext.Current.CancellationToken));
    }

    private sealed class OneLog(IEventLog log) : IEventLogs
    {
        public IReadOnlyList<IEventLog> All => [log];

        public IEventLog? Find(string stream) => log.Stream.Name == stream ? log : null;
    }

    /// <summary>Spark without a server: its writer only says where its queries would begin.</summary>
    private sealed class SparkStarts(EngineSwitchTests test) : IStreamWriterFactory
    {
        public StreamStart? Start { get; private set; }

        public EngineKind Engine => EngineKind.Spark;

        public IStreamWriter Create(IEventLog log) => new LakeWriter(log, test.Tables, Engine, new LakeOptions(), test.events, TimeProvider.System, (_, _) =>
        {
            Start = StreamStart.Open(log, test.Tables, test.Checkpoints, new LakeOptions());
            return Task.FromResult<IBatchStore>(null!);
        });

        public Task<IReadOnlyList<string>> CheckAsync(IEventLog log, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);
    }
}
