using System.Diagnostics;
using System.Globalization;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Leases;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace LogPipeline.Tests.Lake.Leases;

public sealed class TableLeaseTests : IDisposable
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);
    private readonly TemporaryFolder folder = new();
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_lease_that_is_given_up_is_free_at_once_and_every_holder_has_a_greater_epoch()
    {
        for (var epoch = 1; epoch <= 3; epoch++)
        {
            var leases = Leases();
            using (var lease = Take(leases))
            {
                Assert.Equal(epoch, lease.Epoch);
                Assert.True(lease.Check());
                var holder = Assert.IsType<LeaseOutcome.Busy>(Leases().TryAcquire("logs", EngineKind.Spark)).Holder;
                Assert.Equal((Environment.ProcessId, Environment.MachineName, EngineKind.Embedded, epoch), (holder.ProcessId, holder.Host, holder.Engine, holder.Epoch));
                Assert.Equal(holder, Leases().FindHolder("logs"));
            }

            Assert.Null(Leases().FindHolder("logs"));
            Assert.Single(Directory.GetFiles(folder["logs/_logpipeline"]));
        }
    }

    [Fact]
    public void Within_a_process_a_lease_is_shared_until_its_last_user_has_gone()
    {
        var leases = Leases();
        var first = Take(leases);
        var second = Take(leases);
        Assert.Equal(first.Epoch, second.Epoch);
        first.Dispose();
        first.Dispose();
        Assert.True(leases.IsHeld("logs"));
        Assert.IsType<LeaseOutcome.Busy>(Leases().TryAcquire("logs", EngineKind.Embedded));
        second.Dispose();
        Assert.False(leases.IsHeld("logs"));
        Take(Leases()).Dispose();
    }

    [Fact]
    public async Task Of_many_that_want_a_lease_at_once_one_gets_it()
    {
        for (var round = 1; round <= 30; round++)
        {
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Leases().TryAcquire("logs", EngineKind.Embedded))));
            var winner = Assert.Single(outcomes.OfType<LeaseOutcome.Held>()).Lease;
            Assert.Equal(round, winner.Epoch);
            winner.Dispose();
        }
    }

    [Fact]
    public async Task A_lease_that_is_renewed_stays_and_one_that_is_not_is_taken_over_once_it_was_watched_for_its_duration()
    {
        // The holder's clock is its own: it goes wrong by a year, stands still, and decides nothing.
        var itsTime = new FakeTimeProvider(new DateTimeOffset(2027, 1, 2, 0, 0, 0, TimeSpan.Zero));
        using var lease = Take(new LakeTables(folder.Path, itsTime).Leases);
        var contender = Leases();
        for (var step = 0; step < 10; step++)
        {
            var before = await RenewalAsync();
            await UntilAsync(async () =>
            {
                itsTime.Advance(Duration / 3);
                return await RenewalAsync() != before;
            });
            time.Advance(Duration - TimeSpan.FromSeconds(1));
            Assert.IsType<LeaseOutcome.Busy>(contender.TryAcquire("logs", EngineKind.Embedded));
        }

        Assert.True(lease.Check());
        time.Advance(Duration - TimeSpan.FromSeconds(1));
        Assert.IsType<LeaseOutcome.Busy>(contender.TryAcquire("logs", EngineKind.Embedded));
        time.Advance(TimeSpan.FromSeconds(1));
        using var taken = Take(contender);
        Assert.Equal(lease.Epoch + 1, taken.Epoch);

        // The old holder learns of it with its next renewal, or when it asks after its end.
        await UntilAsync(() =>
        {
            itsTime.Advance(Duration / 3);
            return Task.FromResult(lease.Lost.IsCancellationRequested);
        });
        Assert.False(lease.Check());
        lease.Dispose();
        Assert.True(taken.Check());
        Assert.Equal(taken.Epoch, Leases().FindHolder("logs")!.Epoch);
    }

    [Fact]
    public void A_holder_that_slept_through_its_end_renews_only_if_nobody_came_after_it()
    {
        var its = new SleepingTime(time.GetUtcNow());
        using var lease = Take(new LakeTables(folder.Path, its).Leases);
        its.Advance(TimeSpan.FromHours(1));
        time.Advance(TimeSpan.FromHours(1));
        Assert.True(lease.Check());
        its.Advance(TimeSpan.FromHours(1));
        time.Advance(TimeSpan.FromHours(1));
        using var taken = Take(Leases());
        Assert.False(lease.Check());
        Assert.True(taken.Check());
    }

    [Fact]
    public void A_damaged_lease_is_refused_with_its_path()
    {
        Take(Leases()).Dispose();
        var path = Directory.GetFiles(folder["logs/_logpipeline"])[0];
        File.WriteAllText(path, "{");
        Assert.Contains(path, Assert.Throws<LakeException>(() => Leases().TryAcquire("logs", EngineKind.Embedded)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_writer_stands_by_while_another_writes_and_goes_on_when_that_one_ends()
    {
        await using var log = new MemoryEventLog(Some.WebLogs);
        using var events = Some.Events();
        var other = WriterLease.TryAcquire(Leases(), ["logs"], EngineKind.Embedded, out _)!;
        await using var writer = new LakeWriter(log, new LakeTables(folder.Path, time), new LakeOptions(), events, time, _ => { });
        log.Append(Some.Rows(10, Some.Midnight));
        writer.Start();
        await UntilAsync(() => Task.FromResult(writer.State == TableWriterState.Standby));
        Assert.Contains(Environment.MachineName, writer.Problem, StringComparison.Ordinal);
        Assert.Equal(-1, log.Stored);
        other.Dispose();
        await UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(log.Stored == 9);
        });
        Assert.Equal(TableWriterState.Following, writer.State);
        Assert.Null(writer.Problem);

        // Drained, it gives the lease up only when it is told to: what is derived from the table comes after.
        Assert.True(await writer.DrainAsync(TimeSpan.FromDays(1)));
        Assert.NotNull(Leases().FindHolder("logs"));
        writer.Release();
        Assert.Null(Leases().FindHolder("logs"));
    }

    [Fact]
    public async Task While_the_other_engine_writes_a_writer_stands_by_and_says_how_to_go_on()
    {
        await using var log = new MemoryEventLog(Some.WebLogs);
        using var events = Some.Events();
        using var other = WriterLease.TryAcquire(Leases(), ["logs", "dead_letters"], EngineKind.Spark, out _)!;
        await using var writer = new LakeWriter(log, new LakeTables(folder.Path, time), new LakeOptions(), events, time, _ => { });
        writer.Start();
        await UntilAsync(() => Task.FromResult(writer is { State: TableWriterState.Standby, Problem: not null }));
        Assert.Contains("set LogPipeline:Engine to Spark", writer.Problem, StringComparison.Ordinal);
        Assert.Equal(EngineKind.Spark, writer.OtherWriter!.Engine);
    }

    [Fact]
    public async Task The_lease_of_a_process_killed_on_this_machine_is_taken_over_at_once()
    {
        var (exitCode, output) = await LakeChild.RunAsync($"store {folder.Path} CommitLinked 6");
        Assert.True(exitCode == 128 + 9, $"{exitCode}: {output}");
        Take(new LakeTables(folder.Path, TimeProvider.System).Leases).Dispose();
    }

    [Theory]
    [InlineData("DataWritten")]
    [InlineData("CommitWritten")]
    [InlineData("CommitLinked")]
    public async Task A_process_that_was_stopped_loses_its_lease_and_what_it_does_when_it_wakes_up_adds_nothing_twice(string step)
    {
        using var child = LakeChild.Start($"sleep {folder.Path} {step} 6");
        var output = child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await UntilAsync(() => Task.FromResult(IsStopped(child)));

            await using var log = LakeChild.LogOfChild();
            using var events = Some.Events();
            var tables = new LakeTables(folder.Path, TimeProvider.System, LakeChild.LeaseOfChild);
            await using var writer = new LakeWriter(log, tables, LakeChild.Options, events, TimeProvider.System, _ => { });
            var started = Stopwatch.GetTimestamp();
            writer.Start();
            await UntilAsync(() => Task.FromResult(writer.State == TableWriterState.Standby));
            await UntilAsync(() => Task.FromResult(log.Stored == log.End - 1));
            Assert.True(Stopwatch.GetElapsedTime(started) >= LakeChild.LeaseOfChild, "it was taken over before its end");

            LakeChild.Signal(child.Id, "CONT");
            await child.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Contains("state Standby", await output, StringComparison.Ordinal);
            Assert.True(await writer.DrainAsync(TimeSpan.FromMinutes(1)));
        }
        finally
        {
            child.Kill();
        }

        var catalog = new LakeCatalog(new LakeTables(folder.Path, TimeProvider.System));
        var logs = (await catalog.FindAsync("logs", TestContext.Current.CancellationToken))!;
        var letters = (await catalog.FindAsync("dead_letters", TestContext.Current.CancellationToken))!;
        Assert.Equal("3000|3000|20|20", DuckRows.Value(logs,
            $"SELECT count(*), count(DISTINCT event_offset), (SELECT count(*) FROM {DuckRows.From(letters)}), (SELECT count(DISTINCT event_offset) FROM {DuckRows.From(letters)}) FROM {{t}}"));
        DeltaLogChecker.Check(folder["logs"]);
        DeltaLogChecker.Check(folder["dead_letters"]);
    }

    private static bool IsStopped(Process process) =>
        !process.HasExited && File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/stat")) is var stat && stat[stat.LastIndexOf(')') + 2] == 'T';

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(2), "it never happened");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private TableLeases Leases() => new LakeTables(folder.Path, time).Leases;

    private static TableLease Take(TableLeases leases) => Assert.IsType<LeaseOutcome.Held>(leases.TryAcquire("logs", EngineKind.Embedded)).Lease;

    private Task<string> RenewalAsync() => File.ReadAllTextAsync(Directory.GetFiles(folder["logs/_logpipeline"], "*.json")[0], TestContext.Current.CancellationToken);
}
