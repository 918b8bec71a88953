using BenchmarkDotNet.Attributes;
using LogPipeline.Benchmarks.EndToEnd;

namespace LogPipeline.Benchmarks.Ingest;

/// <summary>Bytes into Arrow columns on one thread; the time is that of one event.</summary>
[MemoryDiagnoser]
public class ParseBenchmarks
{
    private const int Events = 50_000;
    private byte[] json = [];
    private byte[] spread = [];
    private byte[] combined = [];

    [GlobalSetup]
    public void Write()
    {
        json = Bytes(BenchEvents.Write);
        combined = Bytes(BenchLines.Write);

        // A tab is white space that only the general reader takes.
        spread = System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(json).Replace("{", "{\t", StringComparison.Ordinal));
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Events)]
    public int Json() => Parse(json, "json");

    [Benchmark(OperationsPerInvoke = Events)]
    public int Json_by_the_general_reader() => Parse(spread, "json");

    [Benchmark(OperationsPerInvoke = Events)]
    public int Combined() => Parse(combined, "combined");

    private static byte[] Bytes(Action<Stream, int> write)
    {
        using var bytes = new MemoryStream();
        write(bytes, Events);
        return bytes.ToArray();
    }

    private static int Parse(byte[] bytes, string format)
    {
        var count = 0;
        foreach (var batch in BenchParser.Parse(bytes, format))
        {
            using (batch)
            {
                count += batch.Events.Length;
            }
        }

        return count == Events ? count : throw new InvalidOperationException($"{count} of {Events} records were taken");
    }
}
