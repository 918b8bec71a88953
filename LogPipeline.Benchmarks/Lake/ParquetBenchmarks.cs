using Apache.Arrow;
using BenchmarkDotNet.Attributes;
using LogPipeline.Benchmarks.EndToEnd;
using LogPipeline.Benchmarks.Ingest;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Lake.Files;

namespace LogPipeline.Benchmarks.Lake;

/// <summary>Arrow batches into one data file with its statistics, not synced; the time is that of one row.</summary>
[MemoryDiagnoser]
public class ParquetBenchmarks
{
    private const int Rows = 100_000;
    private readonly string folder = Directory.CreateTempSubdirectory("logpipeline-bench-").FullName;
    private List<ParsedBatch> batches = [];
    private List<RecordBatch> rows = [];

    [GlobalSetup]
    public void Parse()
    {
        using var bytes = new MemoryStream();
        BenchEvents.Write(bytes, Rows);
        batches = [.. BenchParser.Parse(bytes.ToArray(), "json")];
        rows = [.. batches.Select(batch => batch.Events)];
    }

    [GlobalCleanup]
    public void Remove()
    {
        batches.ForEach(batch => batch.Dispose());
        Directory.Delete(folder, recursive: true);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Rows)]
    public long Encode_by_column()
    {
        using var file = ParquetFile.Of(folder, "", rows[0].Schema, rows);
        return Finish(file);
    }

    [Benchmark(OperationsPerInvoke = Rows)]
    public long Encode_batch_by_batch()
    {
        using var file = new ParquetFile(folder, "", rows[0].Schema);
        rows.ForEach(file.Write);
        return Finish(file);
    }

    private static long Finish(ParquetFile file)
    {
        var size = file.Finish(new Dictionary<string, string?>(), DateTimeOffset.UnixEpoch, dataChange: true).Size;
        File.Delete(file.FullPath);
        return size;
    }
}
