using System.Text.RegularExpressions;
using LogPipeline.Core.Lake.Delta;
using Xunit;

namespace LogPipeline.Tests.Lake;

/// <summary>kill -9 proves nothing about fsync; the order of system calls does.</summary>
public sealed partial class DurabilityTests
{
    [Fact]
    public async Task A_commit_keeps_the_order_of_syncs()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/strace"))
        {
            Assert.Skip("strace is not installed");
        }

        using var folder = new TemporaryFolder();
        var trace = folder["trace"];
        var root = folder["lake"];
        var (exitCode, output) = await LakeChild.RunAsync(
            $"store {root} CommitSynced 1000", "/usr/bin/strace", "-f", "-y", "-s", "300", "-qq", "-e", "trace=fsync,fdatasync,link,linkat,renameat2", "-e", "signal=none", "-o", trace);
        Assert.True(exitCode == 0, output);

        var calls = Call().Matches(string.Join('\n', Joined(await File.ReadAllLinesAsync(trace, TestContext.Current.CancellationToken))))
            .Select(match => (Name: match.Groups[1].Value, Path: match.Groups[2].Value, To: match.Groups[3].Value)).ToList();
        var log = Path.Combine(root, "logs", "_delta_log");
        var commits = calls.Select((call, index) => (call, index)).Where(one => one.call.Name.StartsWith("link", StringComparison.Ordinal) && one.call.To.StartsWith(log, StringComparison.Ordinal)).ToList();
        Assert.Equal(11, commits.Count);
        for (var commit = 1; commit < commits.Count; commit++)
        {
            var at = commits[commit].index;
            var since = commits[commit - 1].index;
            var before = calls[since..at];
            var temporary = commits[commit].call.Path;
            var synced = before.FindIndex(call => call.Name is "fsync" or "fdatasync" && call.Path == temporary);
            Assert.True(synced >= 0, "the temporary commit file is not synced before it is linked");

            var actions = ActionJson.ReadFile(commits[commit].call.To);
            foreach (var add in actions.OfType<AddFile>())
            {
                var file = DeltaPath.Resolve(Path.Combine(root, "logs"), add.Path);
                Assert.InRange(before.FindIndex(call => call.Path == file), 0, synced);
                var folderSync = before.FindIndex(call => call.Path == Path.GetDirectoryName(file));
                Assert.InRange(folderSync, before.FindIndex(call => call.Path == file), synced);
            }

            // The position counts as stored, and the next batch's commit file is written, only after this.
            var next = commit + 1 < commits.Count ? commits[commit + 1].index : calls.Count;
            var linkedFolder = calls[at..next].FindIndex(call => call.Name == "fsync" && call.Path == log);
            Assert.True(linkedFolder > 0, "_delta_log is not synced after the link");
        }

        // A new partition's folder is itself made durable in the table's folder.
        Assert.Contains(calls, call => call.Name == "fsync" && call.Path == Path.Combine(root, "logs"));
    }

    // Sample: 1234 fsync(45</tmp/lake/logs/_delta_log>) = 0; 1234 link("/a", "/b") = 0
    [GeneratedRegex("""^\d+ +(fsync|fdatasync|link)\((?:\d+<|")([^>"]*)(?:>|", "([^"]*)").*= 0$""", RegexOptions.Multiline)]
    private static partial Regex Call();

    // A call during which another thread ran stands in two lines: "fsync(45</x> <unfinished ...>" and "<... fsync resumed>) = 0".
    private static IEnumerable<string> Joined(IEnumerable<string> lines)
    {
        var open = new Dictionary<string, string>();
        foreach (var line in lines)
        {
            var thread = line.Split(' ', 2)[0];
            if (line.EndsWith(" <unfinished ...>", StringComparison.Ordinal))
            {
                open[thread] = line[..^" <unfinished ...>".Length];
            }
            else if (line.Contains(" resumed>", StringComparison.Ordinal) && open.Remove(thread, out var start))
            {
                yield return start + line[(line.IndexOf(" resumed>", StringComparison.Ordinal) + " resumed>".Length)..];
            }
            else
            {
                yield return line;
            }
        }
    }
}
