using System.Diagnostics;
using System.Globalization;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.ByMinute;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Writing;
using Xunit;

namespace LogPipeline.Tests.Lake;

/// <summary>Another process that writes to a lake: this same executable, started for the one explicit test below, which does what a variable says.</summary>
public sealed class LakeChild
{
    private const string Variable = "LOGPIPELINE_TEST_LAKE_CHILD";

    /// <summary>Starts a child: <c>store ROOT STEP NTH</c> stores <see cref="LogOfChild"/> and kills itself at the nth time that it reaches a step; <c>derive ROOT STEP NTH</c> derives its table by minute likewise; <c>sleep ROOT STEP NTH</c> follows and stops itself likewise; <c>race ROOT NAME COMMITS</c> commits.</summary>
    internal static Process Start(string command, params string[] wrapper)
    {
        List<string> words = [.. wrapper, Environment.ProcessPath!, "-explicit", "only", "-method", "LogPipeline.Tests.Lake.LakeChild.Work"];
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment[Variable] = command;
        return Process.Start(start)!;
    }

    /// <summary>Runs a child to its end.</summary>
    internal static async Task<(int ExitCode, string Output)> RunAsync(string command, params string[] wrapper)
    {
        using var child = Start(command, wrapper);
        var output = child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (child.ExitCode, await output + await errors);
    }

    /// <summary>The same events in every process: 10 batches of 300 events over three days, with two rejected records each.</summary>
    internal static MemoryEventLog LogOfChild()
    {
        var log = new MemoryEventLog(Some.WebLogs);
        for (var batch = 0; batch < 10; batch++)
        {
            log.Append(Some.Rows(300, Some.Midnight + batch * Some.Second, Some.Day / 100, seed: batch), [Some.Rejected(), Some.Rejected("too long")]);
        }

        return log;
    }

    /// <summary>How long the lease of a child lasts.</summary>
    internal static TimeSpan LeaseOfChild { get; } = TimeSpan.FromSeconds(3);

    /// <summary>Small commits, so that there are several.</summary>
    internal static LakeOptions Options { get; } = new() { CommitBytes = 1 };

    [Fact(Explicit = true)]
    public static async Task Work()
    {
        var words = Environment.GetEnvironmentVariable(Variable)!.Split(' ');
        switch (words[0])
        {
            case "store":
                await StoreAsync(words[1], Enum.Parse<CommitStep>(words[2]), int.Parse(words[3], CultureInfo.InvariantCulture));
                break;
            case "sleep":
                await SleepAsync(words[1], Enum.Parse<CommitStep>(words[2]), int.Parse(words[3], CultureInfo.InvariantCulture));
                break;
            case "derive":
                Derive(words[1], Enum.Parse<CommitStep>(words[2]), int.Parse(words[3], CultureInfo.InvariantCulture));
                break;
            default:
                Race(words[1], words[2], int.Parse(words[3], CultureInfo.InvariantCulture));
                break;
        }
    }

    /// <summary>Commits as often as asked, moving a position of its own by one each time.</summary>
    internal static void Race(string root, string name, int commits)
    {
        var table = new LakeTables(root, TimeProvider.System).Find("logs")!;
        for (var commit = 0; commit < commits; commit++)
        {
            var outcome = table.Commit(new CommitRequest("WRITE") { IsBlindAppend = true, Txns = [new TxnMove(name, commit == 0 ? null : commit - 1, commit)] });
            if (outcome is not CommitOutcome.Committed)
            {
                throw new InvalidOperationException($"{name}: commit {commit} became {outcome}");
            }
        }
    }

    private static async Task StoreAsync(string root, CommitStep dieAt, int nth)
    {
        await using var log = LogOfChild();
        var tables = Mortal(root, dieAt, nth);
        using var events = Some.Events();
        await using var writer = new LakeWriter(log, tables, Options, events, TimeProvider.System, _ => { });
        await writer.RunToEndAsync(CancellationToken.None);
    }

    private static void Derive(string root, CommitStep dieAt, int nth)
    {
        using var events = Some.Events();
        var tables = Mortal(root, dieAt, nth);
        _ = tables.Leases.TryAcquire("logs_by_minute", EngineKind.Embedded);
        new ByMinuteWriter(LogOfChild(), ByMinuteTable.Of(Some.WebLogs)!, tables, new TransactionPositions(), events, TimeProvider.System, _ => { }).RunToEnd(CancellationToken.None);
    }

    /// <summary>Follows the log, and stops as by SIGSTOP when it reaches a step for the nth time; somebody else wakes it up. Ends when it stands by or has stored everything.</summary>
    private static async Task SleepAsync(string root, CommitStep sleepAt, int nth)
    {
        await using var log = LogOfChild();
        var tables = new LakeTables(root, TimeProvider.System, LeaseOfChild);
        var reached = 0;
        tables.Commits.Reached = step =>
        {
            if (step == sleepAt && ++reached == nth)
            {
                Signal(Environment.ProcessId, "STOP");
            }
        };
        using var events = Some.Events();
        await using var writer = new LakeWriter(log, tables, Options, events, TimeProvider.System, _ => { });
        writer.Start();
        while (writer.State != TableWriterState.Standby && log.Stored < log.End - 1)
        {
            await Task.Delay(10);
        }

        Console.WriteLine($"state {writer.State}: {writer.Problem}");
    }

    /// <summary>Sends a signal as <c>kill</c> does.</summary>
    internal static void Signal(int process, string name)
    {
        using var kill = Process.Start("kill", ["-" + name, process.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private static LakeTables Mortal(string root, CommitStep dieAt, int nth)
    {
        var tables = new LakeTables(root, TimeProvider.System);
        var reached = 0;
        tables.Commits.Reached = step =>
        {
            if (step == dieAt && ++reached == nth)
            {
                Process.GetCurrentProcess().Kill();
            }
        };
        return tables;
    }
}
