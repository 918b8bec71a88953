using System.Buffers;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Ingest.Generator;

namespace LogPipeline.Web.CommandLine;

/// <summary>The traffic of a demo, sent through ingest like any other.</summary>
internal sealed class DemoTraffic(IServiceProvider services, int seed, double rate)
{
    /// <summary>Stream that the traffic belongs to.</summary>
    public const string Stream = "web-logs";

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly IngestService ingest = services.GetRequiredService<IngestService>();
    private readonly TimeProvider time = services.GetRequiredService<TimeProvider>();

    /// <summary>Fills in the day before now, unless the stream has events already, while live traffic goes on.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var log = services.GetRequiredService<IEventLogs>().Find(Stream)!;
        var isNew = log.Bounds.Sum(bounds => bounds.End) == 0;
        var now = time.GetUtcNow();
        await Task.WhenAll(isNew ? BackfillAsync(now, cancellation) : Task.CompletedTask, GenerateAsync(now, cancellation));
    }

    /// <summary>Live traffic from this moment on.</summary>
    public Task RunFromNowAsync(CancellationToken cancellation) => GenerateAsync(time.GetUtcNow(), cancellation);

    private Task BackfillAsync(DateTimeOffset now, CancellationToken cancellation) => Task.Run(async () =>
    {
        foreach (var piece in DemoBackfill.Pieces(seed, now, rate))
        {
            await SendAsync(piece, cancellation);
        }
    }, cancellation);

    private async Task GenerateAsync(DateTimeOffset last, CancellationToken cancellation)
    {
        using var generator = new TrafficGenerator(seed + 1);
        using var timer = new PeriodicTimer(Step, time);
        var buffer = new ArrayBufferWriter<byte>(1 << 16);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            var now = time.GetUtcNow();
            generator.Write(buffer, last, now, rate);
            last = now;
            if (buffer.WrittenCount > 0)
            {
                await SendAsync(buffer.WrittenMemory, cancellation);
                buffer.ResetWrittenCount();
            }
        }
    }

    /// <summary>Sends lines, and sends them again as long as the event log has no room.</summary>
    private async Task SendAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellation)
    {
        var request = new IngestRequest(Stream) { Format = "json", OneALine = true, IdempotencyKey = Guid.NewGuid().ToString("N") };
        while (true)
        {
            using var body = new MemoryStream(lines.ToArray(), writable: false);
            var report = await ingest.IngestAsync(request, body, cancellation);
            if (report.IsComplete)
            {
                return;
            }

            await Task.Delay(report.RetryAfter ?? TimeSpan.FromSeconds(1), time, cancellation);
        }
    }
}
