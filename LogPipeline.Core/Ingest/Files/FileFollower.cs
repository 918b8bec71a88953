using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest.Formats;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Ingest.Files;

/// <summary>Follows a file as <c>tail -F</c> does: growth, rotation by another name or by copying, truncation, disappearance.</summary>
/// <remarks>
/// Only complete lines are taken; a half-written last one waits. The place reached is kept with the events in the event log,
/// so that a restart goes on behind the last line that is durable. A full event log makes the follower wait.
/// </remarks>
public sealed class FileFollower(IOptions<IngestOptions> options, IngestEvents events, IngestCounters counters, TimeProvider time)
{
    private const int SampleBytes = 64 * 1024;

    /// <summary>Follows until cancelled.</summary>
    /// <param name="log">Log of the stream that the file belongs to.</param>
    /// <param name="path">The file, which need not exist yet.</param>
    /// <param name="format">As in <see cref="IngestRequest.Format"/>; null to find out.</param>
    /// <param name="cancellationToken">Stops after the batch that is being appended.</param>
    public async Task FollowAsync(IEventLog log, string path, string? format, CancellationToken cancellationToken)
    {
        var poll = options.Value.FilePollInterval;
        string? problem = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (File.Exists(path))
                {
                    await FollowOneAsync(log, path, format, cancellationToken);
                    problem = null;
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // What the last append made durable is known by its place, whether its answer was awaited or not.
                return;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                if (problem != error.Message)
                {
                    problem = error.Message;
                    events.FileFailed(path, error.Message);
                }
            }

            await PauseAsync(poll, cancellationToken);
        }
    }

    /// <summary>Follows the file that bears the name now, until another one does and this one has come to its end.</summary>
    private async Task FollowOneAsync(IEventLog log, string path, string? wanted, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.Asynchronous);
        var sample = await SampleAsync(file, cancellationToken);
        while (FileFingerprint.Make(sample, isComplete: false) is null)
        {
            if (cancellationToken.IsCancellationRequested || IsReplaced(path, file))
            {
                return;
            }

            await PauseAsync(options.Value.FilePollInterval, cancellationToken);
            sample = await SampleAsync(file, cancellationToken);
        }

        var known = FileFingerprint.Find(sample, log);
        var fingerprint = known?.Fingerprint ?? FileFingerprint.Make(sample, isComplete: false)!;
        using var parser = new EventParser(log.Stream, LineFormats.Choose(wanted, sample, log.Stream.Schema, options.Value), options.Value, time, Path.GetFileName(path));
        if (known is not null && known.End <= file.Length)
        {
            parser.StartAt(known.End, known.Lines);
        }

        events.FileOpened(path, parser.Offset);
        var appender = new BatchAppender(log, events, counters, time);
        var replacedAt = default(long?);
        while (!cancellationToken.IsCancellationRequested)
        {
            if (file.Length < parser.Offset)
            {
                events.FileTruncated(path);
                return;
            }

            var before = parser.Offset;
            file.Position = before;
            var start = before;
            await new BatchPump(parser, options.Value).RunAsync(
                file,
                () =>
                {
                    var origin = new FileRangeOrigin(fingerprint, start, parser.Offset, parser.Lines);
                    start = parser.Offset;
                    return origin;
                },
                batch => TakeAsync(appender, batch, cancellationToken),
                endIsLast: false,
                cancellationToken);
            if (parser.Offset > before)
            {
                replacedAt = null;
                continue;
            }

            // A writer may still hold the file that was renamed away: it is read until it has been quiet for a while.
            if (IsReplaced(path, file))
            {
                replacedAt ??= time.GetTimestamp();
                if (time.GetElapsedTime(replacedAt.Value) >= options.Value.RotatedFileWait)
                {
                    events.FileRotated(path);
                    return;
                }
            }

            await PauseAsync(options.Value.FilePollInterval, cancellationToken);
        }
    }

    private static async Task<bool> TakeAsync(BatchAppender appender, ParsedBatch batch, CancellationToken cancellationToken) =>
        await appender.AppendAsync(batch, TimeSpan.MaxValue, cancellationToken)
            ? true
            : throw new IOException(appender.Problem);

    private static async Task<byte[]> SampleAsync(FileStream file, CancellationToken cancellationToken)
    {
        var buffer = new byte[SampleBytes];
        file.Position = 0;
        var count = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return buffer[..count];
    }

    /// <summary>Whether the name now belongs to another file, or to none.</summary>
    private static bool IsReplaced(string path, FileStream file)
    {
        try
        {
            using var named = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return FileIdentity.Of(named) != FileIdentity.Of(file.SafeFileHandle);
        }
        catch (IOException)
        {
            return true;
        }
    }

    private async Task PauseAsync(TimeSpan span, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(span, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The caller looks at the token.
        }
    }
}
