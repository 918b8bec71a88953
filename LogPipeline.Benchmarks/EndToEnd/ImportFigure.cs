using System.Buffers;
using System.Globalization;
using System.Text;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>JSON lines into a Delta table, beside DuckDB copying the same file into Parquet.</summary>
internal static class ImportFigure
{
    private const int Events = 2_000_000;
    private const int Pairs = 5;

    // Sizes whose peak memory is told: memory must not grow with the input.
    private static readonly int[] Sizes = [Events / 4, Events / 2, Events, Events * 2, Events * 4];

    public static async Task<string> MeasureAsync(Workspace workspace)
    {
        var large = workspace.PathOf("large.ndjson");
        WriteEvents(large, Events);
        var bytes = new FileInfo(large).Length;
        workspace.Say($"{Events:N0} events, {bytes / Events} B each");

        var ours = new List<MeasuredProcess>();
        var peer = new List<MeasuredProcess>();
        for (var pair = 0; pair < Pairs; pair++)
        {
            var data = workspace.PathOf($"data-{pair}");
            ours.Add(await MeasuredProcess.RunAsync("dotnet", [Workspace.HostAssembly, "import", large, "--data", data]));
            var parquet = workspace.PathOf($"peer-{pair}.parquet");
            peer.Add(await MeasuredProcess.RunAsync(Environment.ProcessPath!, [DuckDbPeer.Verb, large, parquet]));
            await AssertEqualAsync(data, parquet);
            workspace.Say($"pair {pair + 1}: {Rate(ours[^1]):N0} and {Rate(peer[^1]):N0} events/s");
            Directory.Delete(data, recursive: true);
            File.Delete(parquet);
        }

        File.Delete(large);
        var ratio = Statistics.Median(ours.Zip(peer, (a, b) => b.Wall / a.Wall));
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Events:N0} JSON events of {bytes / Events} B; `import` (event log, Delta table, exactly once) beside DuckDB {DuckDbPeer.Version} `COPY (read_json) TO parquet` (zstd); {Pairs} pairs; equal counts, addresses and sums asserted.\n\n");
        text.Append("| | events/s | wall s | processor s | peak memory |\n|---|---|---|---|---|\n");
        text.Append(Row("LogPipeline `import`", ours)).Append(Row("DuckDB `COPY`", peer));
        text.Append(CultureInfo.InvariantCulture, $"\nRatio to the peer, median of the pairs: **{ratio:0.00}**.\n\n");
        text.Append("| events imported | peak memory |\n|---|---|\n");
        foreach (var count in Sizes)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {count:N0} | {await PeakAsync(workspace, count) / 1e6:N0} MB |\n");
        }

        return text.ToString();
    }

    private static async Task<long> PeakAsync(Workspace workspace, int count)
    {
        var input = workspace.PathOf($"{count}.ndjson");
        var data = workspace.PathOf($"data-{count}");
        WriteEvents(input, count);
        var run = await MeasuredProcess.RunAsync("dotnet", [Workspace.HostAssembly, "import", input, "--data", data]);
        workspace.Say($"{count:N0} events: at most {run.PeakBytes / 1e6:N0} MB");
        File.Delete(input);
        Directory.Delete(data, recursive: true);
        return run.PeakBytes;
    }

    private static double Rate(MeasuredProcess run) => Events / run.Wall.TotalSeconds;

    private static string Row(string name, IReadOnlyCollection<MeasuredProcess> runs) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {Statistics.Median(runs.Select(Rate)):N0} | {Statistics.Median(runs.Select(run => run.Wall.TotalSeconds)):0.0} | {Statistics.Median(runs.Select(run => run.Cpu.TotalSeconds)):0.0} | {runs.Max(run => run.PeakBytes) / 1e6:N0} MB |\n");

    private static async Task AssertEqualAsync(string data, string parquet)
    {
        var answer = await MeasuredProcess.RunAsync(
            "dotnet",
            [Workspace.HostAssembly, "query", "SELECT count(*), count(DISTINCT ip), sum(status), sum(bytes) FROM delta_lake.logs", "--format", "csv", "--data", data]);
        var ours = answer.Output.Trim().Split('\n')[^1].Trim().Replace(',', ' ');
        var peer = DuckDbPeer.Summary(parquet);
        if (ours != peer)
        {
            throw new InvalidOperationException($"The outputs differ: {ours} and {peer}");
        }
    }

    private static void WriteEvents(string path, int count)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        BenchEvents.Write(file, count);
    }
}
