using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>Combined log lines, parsed and folded into every live metric, beside GoAccess making its report of the same file.</summary>
internal static class ParseFigure
{
    private const int Lines = 2_000_000;
    private const int Pairs = 5;

    public static async Task<string> MeasureAsync(Workspace workspace)
    {
        var log = workspace.PathOf("access.log");
        WriteLines(log);
        var ours = new List<MeasuredProcess>();
        var peer = new List<MeasuredProcess>();
        var peerVersion = await PeerVersionAsync();
        for (var pair = 0; pair < Pairs; pair++)
        {
            ours.Add(await MeasuredProcess.RunAsync(Environment.ProcessPath!, [ParseProduct.Verb, log]));
            AssertCount("LogPipeline", long.Parse(ours[^1].Output, CultureInfo.InvariantCulture));
            if (peerVersion is not null)
            {
                var report = workspace.PathOf("report.json");
                peer.Add(await MeasuredProcess.RunAsync("goaccess", [log, "--log-format=COMBINED", "--no-progress", "-o", report]));
                using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(report));
                AssertCount("GoAccess", document.RootElement.GetProperty("general").GetProperty("valid_requests").GetInt64());
            }

            workspace.Say($"pair {pair + 1}: {Rate(ours[^1]):N0} lines/s{(peer.Count > 0 ? $" and {Rate(peer[^1]):N0}" : "")}");
        }

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Lines:N0} lines of {new FileInfo(log).Length / Lines} B within one hour; parse, rankings, percentiles, sessions and the ring of recent events; {Pairs} runs of whole processes; equal counts asserted.\n\n");
        text.Append("| | lines/s | wall s | processor s | peak memory |\n|---|---|---|---|---|\n").Append(Row("LogPipeline", ours));
        text.Append(peer.Count > 0
            ? Row(peerVersion!, peer) + string.Create(CultureInfo.InvariantCulture, $"\nRatio to the peer, median of the pairs: **{Statistics.Median(ours.Zip(peer, (a, b) => b.Wall / a.Wall)):0.0}**.\n")
            : "\nGoAccess is not installed here.\n");
        return text.ToString();
    }

    private static void AssertCount(string who, long count)
    {
        if (count != Lines)
        {
            throw new InvalidOperationException($"{who} counted {count} of {Lines} lines");
        }
    }

    private static double Rate(MeasuredProcess run) => Lines / run.Wall.TotalSeconds;

    private static string Row(string name, List<MeasuredProcess> runs) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {Statistics.Median(runs.Select(Rate)):N0} | {Statistics.Median(runs.Select(run => run.Wall.TotalSeconds)):0.0} | {Statistics.Median(runs.Select(run => run.Cpu.TotalSeconds)):0.0} | {runs.Max(run => run.PeakBytes) / 1e6:N0} MB |\n");

    private static async Task<string?> PeerVersionAsync()
    {
        try
        {
            var run = await MeasuredProcess.RunAsync("goaccess", ["--version"]);
            return run.Output.Split('\n')[0].Trim().TrimEnd('.');
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static void WriteLines(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        BenchLines.Write(file, Lines);
    }
}
