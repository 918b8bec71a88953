using System.IO.Compression;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest.Formats;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Ingest.Files;

/// <summary>Takes in whole files as fast as possible. What was taken in before, by any name, is recognised by its content.</summary>
public sealed class FileImport(IOptions<IngestOptions> options, IngestEvents events, IngestCounters counters, TimeProvider time)
{
    private const int SampleBytes = 64 * 1024;
    private const int PieceBytes = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Takes in one file, packed with gzip or not.</summary>
    /// <param name="log">Log of the stream that it belongs to.</param>
    /// <param name="path">The file.</param>
    /// <param name="request">Format, and whether to take in again what is known.</param>
    /// <param name="progress">Hears the bytes of the file read so far.</param>
    /// <param name="cancellationToken">Stops between batches; what was taken is kept and known.</param>
    /// <exception cref="IngestException">The file cannot be read, or the format is unknown.</exception>
    public async Task<FileImportReport> ImportAsync(
        IEventLog log, string path, FileImportRequest request, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan | FileOptions.Asynchronous);
            await using var counted = new CountedStream(file, read => progress?.Report(read));
            await using var plain = await IsGzipAsync(file, cancellationToken) ? new GZipStream(new BufferedStream(counted, PieceBytes), CompressionMode.Decompress) : null;
            await using var input = await PeekedStream.ReadAsync(plain ?? (Stream)counted, SampleBytes, cancellationToken);
            return await TakeAsync(log, path, request, input, cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new IngestException($"{path} cannot be read: {error.Message}", error);
        }
    }

    private static async Task<bool> IsGzipAsync(FileStream file, CancellationToken cancellationToken)
    {
        var magic = new byte[2];
        var count = await file.ReadAtLeastAsync(magic, 2, throwOnEndOfStream: false, cancellationToken);
        file.Position = 0;
        return count == 2 && magic is [0x1F, 0x8B];
    }

    private async Task<FileImportReport> TakeAsync(
        IEventLog log, string path, FileImportRequest request, PeekedStream input, CancellationToken cancellationToken)
    {
        var known = request.Again ? null : FileFingerprint.Find(input.Sample, log);
        var source = Path.GetFileName(path);
        var format = LineFormats.Choose(request.Format, input.Sample, log.Stream.Schema, options.Value);
        var framing = format is JsonEventFormat && input.Sample.TrimStart(" \t\r\n\uFEFF"u8) is [(byte)'[', ..] ? RecordFraming.JsonArray : RecordFraming.Lines;
        var fingerprint = known?.Fingerprint ?? FileFingerprint.Make(input.Sample, isComplete: true);
        using var parser = new EventParser(log.Stream, format, options.Value, time, source, framing);
        if (known is not null)
        {
            if (!await SkipAsync(input, known.End, cancellationToken))
            {
                return new FileImportReport(path, new IngestReport(0, 0, 0, []), known.Lines);
            }

            parser.StartAt(known.End, known.Lines);
        }

        var appender = new BatchAppender(log, events, counters, time);
        var start = parser.Offset;
        await new BatchPump(parser, options.Value).RunAsync(
            input,
            () =>
            {
                var origin = fingerprint is null || request.Again ? null : new FileRangeOrigin(fingerprint, start, parser.Offset, parser.Lines);
                start = parser.Offset;
                return origin;
            },
            batch => appender.AppendAsync(batch, Patience, cancellationToken),
            endIsLast: true,
            cancellationToken);
        return new FileImportReport(path, appender.Report, known?.Lines ?? 0);
    }

    private static async Task<bool> SkipAsync(Stream input, long count, CancellationToken cancellationToken)
    {
        var buffer = new byte[PieceBytes];
        while (count > 0)
        {
            var read = await input.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, count)), cancellationToken);
            if (read == 0)
            {
                return false;
            }

            count -= read;
        }

        return true;
    }
}

/// <summary>How files are taken in.</summary>
/// <param name="Format">As in <see cref="IngestRequest.Format"/>; null to find out.</param>
/// <param name="Again">Whether content that was taken in before is added once more.</param>
public sealed record FileImportRequest(string? Format = null, bool Again = false);

/// <summary>What became of a file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Report">Its records of this time.</param>
/// <param name="KnownLines">Lines that were taken in before and were not added again.</param>
public sealed record FileImportReport(string Path, IngestReport Report, long KnownLines)
{
    /// <summary>Whether the file held nothing new.</summary>
    public bool IsNothingNew => KnownLines > 0 && Report is { Accepted: 0, Rejected: 0 };
}
