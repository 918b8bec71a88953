using BenchmarkDotNet.Attributes;
using LogPipeline.Benchmarks.EndToEnd;
using LogPipeline.Benchmarks.Ingest;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.EventLog.Embedded;
using LogPipeline.Core.Ingest;
using Microsoft.Extensions.Logging.Abstractions;

namespace LogPipeline.Benchmarks.EventLog;

/// <summary>A batch into the embedded event log until it is durable, by the size of the batch; the time is that of one append.</summary>
[MemoryDiagnoser]
public class AppendBenchmarks
{
    private readonly string folder = Directory.CreateTempSubdirectory("logpipeline-bench-").FullName;
    private EmbeddedEventLog log = null!;
    private ParsedBatch batch = null!;

    /// <summary>Events of a batch.</summary>
    [Params(20, 5_000)]
    public int Events { get; set; }

    [GlobalSetup]
    public void Open()
    {
        log = EmbeddedEventLog.Open(
            Path.Combine(folder, BenchParser.Stream.Name), BenchParser.Stream, new EventLogOptions(), new EventLogEvents(NullLogger<EventLogEvents>.Instance), TimeProvider.System);
        using var bytes = new MemoryStream();
        BenchEvents.Write(bytes, Events);
        batch = BenchParser.Parse(bytes.ToArray(), "json").Single();
    }

    [GlobalCleanup]
    public async Task CloseAsync()
    {
        batch.Dispose();
        await log.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Benchmark]
    public async Task<long> Append_durably()
    {
        if (await log.AppendAsync(batch, CancellationToken.None) is not AppendOutcome.Appended { Range: { } range })
        {
            throw new InvalidOperationException("The event log refused a batch");
        }

        log.MarkStored(new EventPosition(0, range.Last));
        return range.Last;
    }
}
