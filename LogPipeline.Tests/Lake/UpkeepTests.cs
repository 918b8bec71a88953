using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Upkeep;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace LogPipeline.Tests.Lake;

public sealed class UpkeepTests : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly MemoryEventLog log = new(Some.WebLogs);
    private readonly LakeEvents events = Some.Events();
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero));

    public async ValueTask DisposeAsync()
    {
        folder.Dispose();
        events.Dispose();
        await log.DisposeAsync();
    }

    [Fact]
    public async Task Small_files_of_one_size_are_merged_when_there_are_many_and_old_enough()
    {
        var options = new LakeOptions { CompactionFiles = 5 };
        var tables = new LakeTables(folder.Path, time);
        await StoreAsync(tables, 5);
        var table = tables.Find("logs")!;
        var compaction = new Compaction(table, options, time);
        Assert.Equal(0, compaction.RunDue(TestContext.Current.CancellationToken).FilesRemoved);

        time.Advance(TimeSpan.FromMinutes(3));
        var before = DuckRows.Query(table.Snapshot(), "SELECT * FROM {t} ORDER BY event_offset");
        var result = compaction.RunDue(TestContext.Current.CancellationToken);
        Assert.Equal((5, 1), (result.FilesRemoved, result.FilesAdded));
        Assert.Single(table.Snapshot().Files);
        Assert.Equal(before, DuckRows.Query(table.Snapshot(), "SELECT * FROM {t} ORDER BY event_offset"));
        Assert.Equal(0, compaction.RunAll(TestContext.Current.CancellationToken).FilesRemoved);

        await StoreAsync(tables, 2);
        Assert.Equal(3, compaction.RunAll(TestContext.Current.CancellationToken).FilesRemoved);
        Assert.Equal("0|0|0", DuckRows.Damage(table.Snapshot(), log.End));
        DeltaLogChecker.Check(folder["logs"]);
    }

    [Fact]
    public async Task Files_that_no_kept_version_names_are_deleted_after_seven_days_and_not_before()
    {
        var tables = new LakeTables(folder.Path, time);
        await StoreAsync(tables, 3);
        var table = tables.Find("logs")!;
        var upkeep = new TableUpkeep(table, new LakeOptions(), events, time);
        upkeep.Optimize(TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder["logs/date=2026-01-02/part-orphan.parquet"], "", TestContext.Current.CancellationToken);
        foreach (var file in Directory.GetFiles(folder["logs/date=2026-01-02"]))
        {
            File.SetLastWriteTimeUtc(file, time.GetUtcNow().UtcDateTime);
        }

        Assert.Equal(5, Files());

        time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromMinutes(1));
        upkeep.Work(TestContext.Current.CancellationToken);
        Assert.Equal(5, Files());
        Assert.Equal(3, table.Read(state => state.TombstoneCount));

        time.Advance(TimeSpan.FromDays(1));
        var dryRun = upkeep.Vacuum(null, dryRun: true, force: false, TestContext.Current.CancellationToken);
        Assert.Equal(5, Files());
        Assert.Equal(4, dryRun.Files.Count);
        upkeep.Work(TestContext.Current.CancellationToken);
        Assert.Equal(1, Files());
        Assert.Equal(0, table.Read(state => state.TombstoneCount));
        Assert.Equal("0|0|0", DuckRows.Damage(table.Snapshot(), log.End));
        Assert.Contains("Force it", Assert.Throws<LakeException>(() => upkeep.Vacuum(TimeSpan.Zero, dryRun: true, force: false, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);

        var catalog = new LakeCatalog(tables);
        Assert.Contains("cannot be read any more", (await Assert.ThrowsAsync<LakeException>(async () => await catalog.ReadVersionAsync("logs", 3, TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);

        int Files() => Directory.GetFiles(folder["logs"], "*.parquet", SearchOption.AllDirectories).Count(path => !path.Contains("_delta_log", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_log_is_cleaned_up_to_a_checkpoint_and_reads_as_before()
    {
        var tables = new LakeTables(folder.Path, time);
        var table = default(DeltaTable);
        TableUpkeep? upkeep = null;
        for (var day = 0; day < 45; day++)
        {
            await StoreAsync(tables, 1);
            table = tables.Find("logs")!;
            upkeep ??= new TableUpkeep(table, new LakeOptions { AutoCompaction = false }, events, time);
            upkeep.Work(TestContext.Current.CancellationToken);
            time.Advance(TimeSpan.FromDays(1));
        }

        // Version N is of day N - 1, checkpoints are at 9, 19, …; on day 44 the newest commit before day 14 is version 14.
        var listing = LogListing.Read(table!.LogFolder);
        Assert.Equal(9, listing.FirstCommit);
        Assert.Equal(9, listing.Checkpoints.Min(checkpoint => checkpoint.Version));
        var anew = new LakeTables(folder.Path, time).Find("logs")!;
        Assert.Equal("0|0|0", DuckRows.Damage(anew.Snapshot(), log.End));
        Assert.Contains("no longer in the log", Assert.Throws<LakeException>(() => LogReader.Load("logs", folder["logs"], 5)).Message, StringComparison.Ordinal);
        Assert.Equal(20, LogReader.Load("logs", folder["logs"], 20)!.Version);
        DeltaLogChecker.Check(folder["logs"]);
    }

    [Fact]
    public async Task A_checkpoint_replaces_a_hint_and_removes_the_checksum_that_Hadoop_left_beside_it()
    {
        var tables = new LakeTables(folder.Path, time);
        await StoreAsync(tables, 11);
        await File.WriteAllTextAsync(folder["logs/_delta_log/_last_checkpoint"], "garbage", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder["logs/_delta_log/._last_checkpoint.crc"], "garbage", TestContext.Current.CancellationToken);
        new TableUpkeep(tables.Find("logs")!, new LakeOptions(), events, time).Work(TestContext.Current.CancellationToken);
        Assert.False(File.Exists(folder["logs/_delta_log/._last_checkpoint.crc"]));
        DeltaLogChecker.Check(folder["logs"]);
    }

    [Fact]
    public async Task What_a_person_asks_of_a_table_is_answered()
    {
        var tables = new LakeTables(folder.Path, time);
        await StoreAsync(tables, 3);
        using var upkeep = new LakeUpkeep(tables, Microsoft.Extensions.Options.Options.Create(new LakeOptions()), events, time);
        var maintenance = new LakeMaintenance(tables, upkeep);
        Assert.Equal(3, (await maintenance.OptimizeAsync("LOGS", TestContext.Current.CancellationToken)).FilesRemoved);
        var history = await maintenance.HistoryAsync("logs", 3, TestContext.Current.CancellationToken);
        Assert.Equal(["OPTIMIZE", "WRITE", "WRITE"], history.Select(commit => commit.Operation));
        Assert.Equal(4, history[0].Version);
        var description = await maintenance.DescribeAsync("logs", TestContext.Current.CancellationToken);
        Assert.Equal((1, 60, 3), (description.Files, description.Rows, description.DeletedFiles));
        Assert.Equal(59, description.Positions.Single().Value);
        var error = await Assert.ThrowsAsync<LakeException>(() => maintenance.DescribeAsync("nope", TestContext.Current.CancellationToken));
        Assert.Contains("there are dead_letters, logs", error.Message, StringComparison.Ordinal);
        var status = new LakeStatus(tables, upkeep, Microsoft.Extensions.Options.Options.Create(new LakeOptions()), time).Read("logs")!;
        Assert.Equal((4, 1, 1, 60), (status.Version, status.Files, status.SmallFiles, status.Rows));
        Assert.Equal([20, 20, 20], status.RecentRows);
    }

    [Theory]
    [InlineData(0, 10, 10)]
    [InlineData(900, 10, 10)]
    [InlineData(1_500, 10, 20)]
    [InlineData(4_000, 10, 50)]
    [InlineData(88_000, 500, 1000)]
    [InlineData(30_000, 1000, 1000)]
    [InlineData(10_000, 1000, 100)]
    public void Checkpoints_come_every_hundredth_of_what_they_hold(int actions, int configured, int expected) =>
        Assert.Equal(expected, TableUpkeep.IntervalFor(actions, configured));

    [Theory]
    [InlineData("interval 7 days", 168)]
    [InlineData("INTERVAL 1 week", 168)]
    [InlineData("interval 36 hours", 36)]
    [InlineData("interval 1 day 12 hours", 36)]
    [InlineData("nonsense", null)]
    [InlineData("interval 3 moons", null)]
    public void Retention_intervals_are_read(string text, int? hours) =>
        Assert.Equal(hours, (int?)Cleanup.ParseInterval(text)?.TotalHours);

    private async Task StoreAsync(LakeTables tables, int commits)
    {
        for (var commit = 0; commit < commits; commit++)
        {
            log.Append(Some.Rows(20, Some.Midnight + commit * Some.Second, seed: (int)log.End));
            await using var writer = new LakeWriter(log, tables, new LakeOptions(), events, time, _ => { });
            await writer.RunToEndAsync(TestContext.Current.CancellationToken);
        }
    }
}
