using System.IO.Compression;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest.Formats;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Ingest;

/// <summary>Takes in the events of a request: parses them in bounded memory and answers once they are durable.</summary>
public sealed class IngestService : IDisposable
{
    private const int SampleBytes = 64 * 1024;
    private readonly IEventLogs logs;
    private readonly IngestOptions options;
    private readonly IngestEvents events;
    private readonly IngestCounters counters;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim turns;

    /// <summary>Makes the service.</summary>
    public IngestService(IEventLogs logs, IOptions<IngestOptions> options, IngestEvents events, IngestCounters counters, TimeProvider time)
    {
        this.logs = logs;
        this.options = options.Value;
        this.events = events;
        this.counters = counters;
        this.time = time;
        turns = new SemaphoreSlim(this.options.MaxConcurrentRequests);
    }

    /// <summary>Takes in one body.</summary>
    /// <returns>What became of its records. Not complete when the event log is full or cannot write; what is counted is durable even then.</returns>
    /// <exception cref="IngestException">The stream or the format is unknown, the key is too long, or the body is too large or is not gzip.</exception>
    public async Task<IngestReport> IngestAsync(IngestRequest request, Stream body, CancellationToken cancellationToken)
    {
        var log = logs.Find(request.Stream)
            ?? throw new IngestException($"There is no stream '{request.Stream}'; the streams are {string.Join(", ", logs.All.Select(one => one.Stream.Name))}");
        if (request.IdempotencyKey is { } key && (key.Length is 0 or > 255 || key.Any(char.IsControl)))
        {
            throw new IngestException("Idempotency-Key must have 1 to 255 characters, without control characters");
        }

        await turns.WaitAsync(cancellationToken);
        try
        {
            await using var plain = request.IsGzip ? new GZipStream(body, CompressionMode.Decompress, leaveOpen: true) : null;
            await using var bounded = new CountedStream(plain ?? body, CheckSize);
            return await TakeAsync(log, request, bounded, cancellationToken);
        }
        catch (InvalidDataException error)
        {
            throw new IngestException($"The body is not gzip, or is damaged: {error.Message}", error);
        }
        finally
        {
            turns.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turns.Dispose();

    // What is unpacked from a small body may be large.
    private void CheckSize(long bytes)
    {
        if (bytes > options.MaxBodyBytes)
        {
            throw new IngestException(FormattableString.Invariant($"The body is larger than {options.MaxBodyBytes:N0} bytes (LogPipeline:Ingest:MaxBodyBytes); send it in smaller pieces"));
        }
    }

    private async Task<IngestReport> TakeAsync(IEventLog log, IngestRequest request, Stream body, CancellationToken cancellationToken)
    {
        await using var input = await PeekedStream.ReadAsync(body, SampleBytes, cancellationToken);
        var format = LineFormats.Choose(request.Format, input.Sample, log.Stream.Schema, options);
        var framing = request.OneALine || format is not JsonEventFormat ? RecordFraming.Lines : FramingOf(input.Sample);
        using var parser = new EventParser(log.Stream, format, options, time, request.Source, framing);
        var appender = new BatchAppender(log, events, counters, time);
        var chunk = 0;
        var first = true;
        await new BatchPump(parser, options).RunAsync(
            input,
            () => request.IdempotencyKey is { } key ? new IdempotencyKeyOrigin(key, chunk++) : null,
            batch =>
            {
                // A request of which nothing is durable yet is refused at once; one that is partly durable waits for room.
                var patience = first ? TimeSpan.Zero : options.MaxFullWait;
                first = false;
                return appender.AppendAsync(batch, patience, cancellationToken);
            },
            endIsLast: true,
            cancellationToken);
        return appender.Report;
    }

    private static RecordFraming FramingOf(ReadOnlySpan<byte> sample)
    {
        var text = sample.StartsWith("\uFEFF"u8) ? sample[3..] : sample;
        return text.TrimStart(" \t\r\n"u8) is [(byte)'[', ..] ? RecordFraming.JsonArray : RecordFraming.JsonValues;
    }
}
