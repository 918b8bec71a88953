using System.Buffers;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Ingest.Files;
using LogPipeline.Core.Ingest.Generator;
using LogPipeline.Core.Streams;

namespace LogPipeline.Web.CommandLine;

/// <summary>Sources that run beside a host: followed files, standard input, made-up traffic.</summary>
internal sealed class Sources(IServiceProvider services, string stream)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    /// <summary>The stream that is meant when none is named.</summary>
    public static string DefaultStream(IServiceProvider services) => services.GetRequiredService<StreamRegistry>().Default.Name;

    /// <summary>Follows a file, or takes in standard input for <c>-</c>.</summary>
    public Task FollowAsync(string path, string? format, CancellationToken cancellation) => path == "-"
        ? StandardInputAsync(format, cancellation)
        : services.GetRequiredService<FileFollower>().FollowAsync(services.GetRequiredService<IEventLogs>().Find(stream)!, path, format, cancellation);

    /// <summary>Makes up traffic at a rate, in real time.</summary>
    public async Task GenerateAsync(double rate, int seed, CancellationToken cancellation)
    {
        var time = services.GetRequiredService<TimeProvider>();
        using var generator = new TrafficGenerator(seed);
        var lines = new ArrayBufferWriter<byte>(1 << 16);
        var from = time.GetUtcNow();
        using var timer = new PeriodicTimer(Tick, time);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            var now = time.GetUtcNow();
            lines.ResetWrittenCount();
            generator.Write(lines, from, now, rate);
            from = now;
            await SendAsync(lines.WrittenMemory, cancellation);
        }
    }

    /// <summary>Takes in a day of made-up traffic before now.</summary>
    public async Task BackfillAsync(int seed, CancellationToken cancellation)
    {
        foreach (var piece in DemoBackfill.Pieces(seed, services.GetRequiredService<TimeProvider>().GetUtcNow()))
        {
            await SendAsync(piece, cancellation);
        }
    }

    /// <summary>Takes in JSON lines, waiting while the event log is full.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellation)
    {
        while (lines.Length > 0)
        {
            using var body = new MemoryStream(lines.ToArray());
            var report = await services.GetRequiredService<IngestService>().IngestAsync(new IngestRequest(stream) { OneALine = true, Format = "json", Source = "generator" }, body, cancellation);
            if (report.IsComplete)
            {
                return;
            }

            await Task.Delay(report.RetryAfter ?? TimeSpan.FromSeconds(1), services.GetRequiredService<TimeProvider>(), cancellation);
        }
    }

    private async Task StandardInputAsync(string? format, CancellationToken cancellation)
    {
        await using var input = Console.OpenStandardInput();
        await services.GetRequiredService<IngestService>().IngestAsync(new IngestRequest(stream) { OneALine = true, Format = format, Source = "stdin" }, input, cancellation);
    }
}
