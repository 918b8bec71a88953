using System.Globalization;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Writing;
using Xunit;

namespace LogPipeline.Tests.Lake;

public sealed class CommitTests : IDisposable
{
    private const string Ours = "logpipeline/web-logs/log/0";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("Link")]
    [InlineData("RenameNoReplace")]
    public void Of_several_threads_that_commit_one_version_exactly_one_wins(string means)
    {
        const int Threads = 4;
        var rounds = Some.IsFull ? 3000 : 300;
        var commit = new AtomicCommit(Enum.Parse<PutIfAbsent>(means));
        using var barrier = new Barrier(Threads);
        var wins = new int[rounds];
        var winners = new int[rounds];
        var threads = Enumerable.Range(0, Threads).Select(thread => new Thread(() =>
        {
            for (var round = 0; round < rounds; round++)
            {
                barrier.SignalAndWait();
                if (commit.TryCommit(folder.Path, round, BitConverter.GetBytes(thread), DateTimeOffset.UnixEpoch))
                {
                    Interlocked.Increment(ref wins[round]);
                    winners[round] = thread;
                }
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.All(wins, won => Assert.Equal(1, won));
        Assert.Equal(winners, Enumerable.Range(0, rounds).Select(round => BitConverter.ToInt32(File.ReadAllBytes(Path.Combine(folder.Path, LogFile.CommitName(round))))));
        Assert.Equal(rounds, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public async Task Writers_in_several_processes_and_threads_all_commit_and_never_take_a_version_of_each_other()
    {
        const int Commits = 25;
        Make();
        var children = Enumerable.Range(0, 2).Select(child => LakeChild.RunAsync($"race {folder.Path} process-{child} {Commits}")).ToList();
        await Task.WhenAll(Enumerable.Range(0, 2).Select(thread => Task.Run(() => LakeChild.Race(folder.Path, $"thread-{thread}", Commits))));
        Assert.All(await Task.WhenAll(children), child => Assert.True(child.ExitCode == 0, child.Output));

        var table = Make();
        Assert.Equal(4 * Commits, table.Read(state => state.Version));
        Assert.Equal(4, table.Read(state => state.Txns.Count(txn => txn.Version == Commits - 1)));
        DeltaLogChecker.Check(folder["logs"]);
    }

    [Fact]
    public void A_position_that_a_winner_moved_to_ours_or_beyond_is_success_and_anything_between_is_a_conflict()
    {
        var zombie = Make();
        var owner = Make();
        Assert.IsType<CommitOutcome.Committed>(Move(zombie, null, 10));
        Assert.IsType<CommitOutcome.Committed>(Move(owner, 10, 20));
        Assert.IsType<CommitOutcome.AlreadyCommitted>(Move(zombie, 10, 20));
        Assert.IsType<CommitOutcome.AlreadyCommitted>(Move(zombie, 10, 15));
        Assert.IsType<CommitOutcome.Conflict>(Move(zombie, 10, 30));
        Assert.Equal(20, owner.Read(state => state.PositionOf(Ours)));
        Assert.IsType<CommitOutcome.Committed>(Move(zombie, 20, 30));
    }

    [Fact]
    public void With_several_partitions_a_commit_is_already_there_only_when_all_of_it_is()
    {
        var zombie = Make();
        var owner = Make();
        Assert.IsType<CommitOutcome.Committed>(Commit(owner, new TxnMove("a", null, 5), new TxnMove("b", null, 5)));
        Assert.IsType<CommitOutcome.AlreadyCommitted>(Commit(zombie, new TxnMove("a", null, 5), new TxnMove("b", null, 4)));
        Assert.IsType<CommitOutcome.Conflict>(Commit(zombie, new TxnMove("a", null, 5), new TxnMove("b", null, 6)));
        Assert.IsType<CommitOutcome.Conflict>(Commit(zombie, new TxnMove("a", 5, 6), new TxnMove("b", null, 5)));
    }

    [Fact]
    public void A_commit_planned_for_another_schema_conflicts_and_one_for_other_properties_does_not()
    {
        var table = Make();
        var metadata = table.Read(state => state.Metadata!);
        var widened = metadata with { SchemaString = SchemaJson.Append(metadata.SchemaString, [new("extra", Core.Types.DataTypes.String)]) };
        Assert.IsType<CommitOutcome.Committed>(Make().Commit(new CommitRequest("SET TBLPROPERTIES") { Metadata = metadata with { Configuration = new Dictionary<string, string?> { ["a"] = "b" } } }));
        Assert.IsType<CommitOutcome.Committed>(table.Commit(new CommitRequest("WRITE") { BasedOn = metadata }));
        Assert.IsType<CommitOutcome.Committed>(Make().Commit(new CommitRequest("ADD COLUMNS") { Metadata = widened }));
        Assert.IsType<CommitOutcome.Conflict>(table.Commit(new CommitRequest("WRITE") { BasedOn = metadata }));
    }

    [Fact]
    public void A_file_that_was_removed_meanwhile_makes_a_compaction_conflict()
    {
        var table = Make();
        var add = new AddFile("date=2026-01-02/x.parquet", new Dictionary<string, string?> { ["date"] = "2026-01-02" }, 1, 1, true, null);
        var remove = new RemoveFile(add.Path, 1, DataChange: false);
        Assert.IsType<CommitOutcome.Committed>(table.Commit(new CommitRequest("WRITE") { Adds = [add] }));
        Assert.IsType<CommitOutcome.Committed>(Make().Commit(new CommitRequest("OPTIMIZE") { Removes = [remove] }));
        Assert.IsType<CommitOutcome.Conflict>(table.Commit(new CommitRequest("OPTIMIZE") { Removes = [remove] }));
    }

    [Theory]
    [InlineData("""{"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["rowTracking"]}}""", "rowTracking")]
    [InlineData("""{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["typeWidening"],"writerFeatures":["typeWidening"]}}""", "typeWidening")]
    public void A_table_that_gets_a_feature_we_do_not_know_is_refused_by_name(string action, string feature)
    {
        var table = Make();
        File.WriteAllText(Path.Combine(table.LogFolder, LogFile.CommitName(1)), action + "\n");
        Assert.Contains(feature, Assert.Throws<LakeException>(() => Move(table, null, 1)).Message, StringComparison.Ordinal);
        Assert.Contains(feature, Assert.Throws<LakeException>(() => Move(table, null, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_of_an_append_only_table_cannot_be_removed_and_its_files_can_be_merged()
    {
        var table = Make();
        var metadata = table.Read(state => state.Metadata!);
        table.Commit(new CommitRequest("SET TBLPROPERTIES") { Metadata = metadata with { Configuration = new Dictionary<string, string?> { ["delta.appendOnly"] = "true" } } });
        var add = new AddFile("date=2026-01-02/x.parquet", new Dictionary<string, string?>(), 1, 1, true, null);
        table.Commit(new CommitRequest("WRITE") { Adds = [add] });
        Assert.Contains("append-only", Assert.Throws<LakeException>(() => table.Commit(new CommitRequest("DELETE") { Removes = [new RemoveFile(add.Path, 1, DataChange: true)] })).Message, StringComparison.Ordinal);
        Assert.IsType<CommitOutcome.Committed>(table.Commit(new CommitRequest("OPTIMIZE") { Removes = [new RemoveFile(add.Path, 1, DataChange: false)] }));
    }

    [Fact]
    public void A_volume_that_fails_says_so_and_the_next_commit_learns_what_became_of_the_last()
    {
        var tables = new LakeTables(folder.Path, TimeProvider.System);
        Make();
        var table = tables.Find("logs")!;
        tables.Commits.Reached = step =>
        {
            if (step == CommitStep.CommitLinked)
            {
                throw new IOException("disk on fire");
            }
        };
        Assert.Equal("disk on fire", Assert.IsType<CommitOutcome.Unavailable>(Move(table, null, 7)).Reason);
        tables.Commits.Reached = null;
        Assert.IsType<CommitOutcome.AlreadyCommitted>(Move(table, null, 7));
    }

    [Theory]
    [InlineData("DataWritten")]
    [InlineData("DataSynced")]
    [InlineData("CommitWritten")]
    [InlineData("CommitLinked")]
    [InlineData("CommitSynced")]
    public async Task A_process_killed_at_any_step_of_a_commit_loses_nothing_and_repeats_nothing(string step)
    {
        // Commits alternate between dead_letters and logs: the third is a dead_letters one, the sixth a logs one.
        foreach (var nth in Some.IsFull ? Enumerable.Range(1, 20) : step == "CommitLinked" ? [3, 6] : [6])
        {
            var root = folder[$"{step}-{nth.ToString(CultureInfo.InvariantCulture)}"];
            var (exitCode, output) = await LakeChild.RunAsync($"store {root} {step} {nth}");
            Assert.True(exitCode == 128 + 9, $"{exitCode}: {output}");

            await using var log = LakeChild.LogOfChild();
            using var events = Some.Events();
            await using var writer = new LakeWriter(log, new LakeTables(root, TimeProvider.System), LakeChild.Options, events, TimeProvider.System, _ => { });
            await writer.RunToEndAsync(TestContext.Current.CancellationToken);

            var catalog = new LakeCatalog(new LakeTables(root, TimeProvider.System));
            var logs = (await catalog.FindAsync("logs", TestContext.Current.CancellationToken))!;
            var letters = (await catalog.FindAsync("dead_letters", TestContext.Current.CancellationToken))!;
            Assert.Equal("3000|3000|20|20|3020", DuckRows.Value(logs,
                $"SELECT count(*), count(DISTINCT event_offset), (SELECT count(*) FROM {DuckRows.From(letters)}), (SELECT count(DISTINCT event_offset) FROM {DuckRows.From(letters)}), "
                + $"(SELECT count(*) FROM (SELECT event_offset FROM {{t}} UNION SELECT event_offset FROM {DuckRows.From(letters)})) FROM {{t}}"));
            DeltaLogChecker.Check(Path.Combine(root, "logs"));
            DeltaLogChecker.Check(Path.Combine(root, "dead_letters"));
        }
    }

    private static CommitOutcome Move(DeltaTable table, long? from, long to) => Commit(table, new TxnMove(Ours, from, to));

    private static CommitOutcome Commit(DeltaTable table, params TxnMove[] moves) =>
        table.Commit(new CommitRequest("WRITE") { Txns = moves, IsBlindAppend = true });

    private DeltaTable Make() =>
        new LakeTables(folder.Path, TimeProvider.System).OpenOrCreate("logs", new StreamTable(Some.WebLogs.Schema).Schema, ["date"]);
}
