using System.Text.RegularExpressions;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>The order of system calls that durability rests on; kill -9 alone proves nothing about fsync.</summary>
[Collection(Alone.Name)]
public sealed partial class DurabilityOrderTests
{
    [Fact]
    public async Task The_event_log_is_synced_before_the_answer_and_the_commit_follows_the_durability_order()
    {
        using var folder = new TestFolder();
        var trace = folder.PathOf("trace.txt");
        var data = folder.PathOf("data");
        if (!File.Exists("/usr/bin/strace"))
        {
            Assert.Skip("strace is not installed (Debian: apt-get install strace)");
        }

        string[] strace = ["strace", "-f", "-y", "-s", "8192", "-o", trace, "-e", "trace=openat,fsync,fdatasync,write,writev,pwrite64,pwritev,sendto,sendmsg,link,linkat,rename,renameat2"];
        await using (var host = await HostProcess.StartAsync(strace, "serve", data))
        {
            using var answer = await host.PostAsync("""{"message":"durable-marker"}""" + "\n", TestContext.Current.CancellationToken);
            answer.EnsureSuccessStatusCode();
            while (await StoredAsync(data) == 0)
            {
                await Task.Delay(200, TestContext.Current.CancellationToken);
            }
        }

        var calls = await File.ReadAllLinesAsync(trace, TestContext.Current.CancellationToken);
        AssertEventLogBeforeAnswer(calls);
        AssertCommitOrder(calls);
    }

    private static async Task<int> StoredAsync(string data)
    {
        var log = Path.Combine(data, "lake", "logs", "_delta_log");
        if (!Directory.Exists(log))
        {
            return 0;
        }

        var commits = Directory.GetFiles(log, "*.json");
        var stored = 0;
        foreach (var commit in commits)
        {
            stored += (await File.ReadAllTextAsync(commit)).Contains("\"add\"", StringComparison.Ordinal) ? 1 : 0;
        }

        return stored;
    }

    private static void AssertEventLogBeforeAnswer(string[] calls)
    {
        var answered = Array.FindIndex(calls, call => Write().IsMatch(call) && call.Contains("accepted", StringComparison.Ordinal) && call.Contains("HTTP/1.1 200", StringComparison.Ordinal));
        Assert.True(answered >= 0, "No answer to the request was traced");
        var marker = Array.FindIndex(calls, call => Write().IsMatch(call) && call.Contains("/eventlog/", StringComparison.Ordinal) && call.Contains("durable-marker", StringComparison.Ordinal));
        Assert.True(marker >= 0, "No write of the event to the event log was traced");
        Assert.True(marker < answered, "The answer was sent before the event log was written");

        var file = DescriptorPath().Match(calls[marker]).Groups[1].Value;
        var opened = calls.Take(marker).LastOrDefault(call => call.Contains("openat(", StringComparison.Ordinal) && call.Contains(file, StringComparison.Ordinal));
        var isSynchronous = opened is not null && (opened.Contains("O_SYNC", StringComparison.Ordinal) || opened.Contains("O_DSYNC", StringComparison.Ordinal));
        var isSynced = calls.Skip(marker).Take(answered - marker).Any(call => Sync().IsMatch(call) && call.Contains(file, StringComparison.Ordinal));
        Assert.True(isSynchronous || isSynced, $"{file} was written but not synced before the answer");
    }

    private static void AssertCommitOrder(string[] calls)
    {
        var dataSynced = Array.FindIndex(calls, call => Sync().IsMatch(call) && call.Contains("/lake/logs/date=", StringComparison.Ordinal) && call.Contains(".parquet", StringComparison.Ordinal));
        var folderSynced = Array.FindIndex(calls, Math.Max(dataSynced, 0), call => Sync().IsMatch(call) && PartitionFolder().IsMatch(call));
        var linked = Array.FindIndex(calls, Math.Max(folderSynced, 0), call => Put().IsMatch(call) && call.Contains("/lake/logs/_delta_log/", StringComparison.Ordinal));
        var commitSynced = Array.FindIndex(calls, Math.Max(folderSynced, 0), call => Sync().IsMatch(call) && call.Contains("/lake/logs/_delta_log/", StringComparison.Ordinal));
        var logSynced = Array.FindIndex(calls, Math.Max(linked, 0), call => Sync().IsMatch(call) && LogFolder().IsMatch(call));
        Assert.True(dataSynced >= 0, "The data file was not synced");
        Assert.True(folderSynced > dataSynced, "The folder of the data file was not synced after it");
        Assert.True(commitSynced > folderSynced && commitSynced < linked, "The temporary commit file was not synced between the data and the link");
        Assert.True(linked > folderSynced, "The commit was put in place before the data was durable");
        Assert.True(logSynced > linked, "_delta_log was not synced after the link");
    }

    [GeneratedRegex(@"\b(sendto|sendmsg|write|writev|pwrite64|pwritev)\(\d+<")]
    private static partial Regex Write();

    [GeneratedRegex(@"\(\d+<([^>]+)>")]
    private static partial Regex DescriptorPath();

    [GeneratedRegex(@"\b(fsync|fdatasync)\(\d+<")]
    private static partial Regex Sync();

    [GeneratedRegex(@"\b(link|linkat|renameat2)\(")]
    private static partial Regex Put();

    [GeneratedRegex(@"/lake/logs/date=[^/>]+>")]
    private static partial Regex PartitionFolder();

    [GeneratedRegex(@"/lake/logs/_delta_log/?>")]
    private static partial Regex LogFolder();
}
