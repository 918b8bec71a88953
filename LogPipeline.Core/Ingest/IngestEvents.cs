using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace LogPipeline.Core.Ingest;

/// <summary>What happens while events are taken in: a line and a counter each.</summary>
public sealed partial class IngestEvents : IDisposable
{
    private readonly Meter meter = new("LogPipeline.Ingest");
    private readonly Counter<long> accepted;
    private readonly Counter<long> rejected;
    private readonly Counter<long> duplicate;
    private readonly Counter<long> refused;
    private readonly ILogger<IngestEvents> logger;

    /// <summary>Makes the counters.</summary>
    public IngestEvents(ILogger<IngestEvents> logger)
    {
        this.logger = logger;
        accepted = meter.CreateCounter<long>("logpipeline.ingest.accepted", "{event}", "Events made durable");
        rejected = meter.CreateCounter<long>("logpipeline.ingest.rejected", "{record}", "Records that became dead letters");
        duplicate = meter.CreateCounter<long>("logpipeline.ingest.duplicate", "{record}", "Records recognised as sent before");
        refused = meter.CreateCounter<long>("logpipeline.ingest.refused", "{request}", "Requests refused because the event log was full or could not write");
    }

    internal void Taken(string stream, long events, long records, long duplicates)
    {
        var tag = new KeyValuePair<string, object?>("stream", stream);
        accepted.Add(events, tag);
        if (records > 0)
        {
            rejected.Add(records, tag);
            LogRejected(stream, records);
        }

        if (duplicates > 0)
        {
            duplicate.Add(duplicates, tag);
        }
    }

    internal void Refused(string stream, string reason)
    {
        refused.Add(1, new KeyValuePair<string, object?>("stream", stream));
        LogRefused(stream, reason);
    }

    internal void FileOpened(string path, long from) => LogFileOpened(path, from);

    internal void FileRotated(string path) => LogFileRotated(path);

    internal void FileTruncated(string path) => LogFileTruncated(path);

    internal void FileFailed(string path, string reason) => LogFileFailed(path, reason);

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();

    [LoggerMessage(1, LogLevel.Debug, "{Count} records of {Stream} did not fit and are in dead_letters")]
    private partial void LogRejected(string stream, long count);

    [LoggerMessage(2, LogLevel.Warning, "Events of {Stream} were refused: {Reason}")]
    private partial void LogRefused(string stream, string reason);

    [LoggerMessage(3, LogLevel.Information, "Following {Path} from byte {From}")]
    private partial void LogFileOpened(string path, long from);

    [LoggerMessage(4, LogLevel.Information, "{Path} was rotated; following the new file")]
    private partial void LogFileRotated(string path);

    [LoggerMessage(5, LogLevel.Warning, "{Path} was truncated; reading it from its begin")]
    private partial void LogFileTruncated(string path);

    [LoggerMessage(6, LogLevel.Warning, "{Path} cannot be read now: {Reason}")]
    private partial void LogFileFailed(string path, string reason);
}
