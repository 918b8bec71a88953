using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace LogPipeline.Core.Live;

/// <summary>What Live tells the outside: each log line with its counter.</summary>
internal sealed partial class LiveEvents : IDisposable
{
    private readonly ILogger<LiveEvents> logger;
    private readonly Meter meter = new("LogPipeline.Live");
    private readonly Counter<long> events;
    private readonly Counter<long> gaps;
    private readonly Counter<long> failures;

    public LiveEvents(ILogger<LiveEvents> logger)
    {
        this.logger = logger;
        events = meter.CreateCounter<long>("logpipeline.live.events", "{event}", "Events taken into the live views");
        gaps = meter.CreateCounter<long>("logpipeline.live.gaps", "{event}", "Events that were gone from the event log before they were read");
        failures = meter.CreateCounter<long>("logpipeline.live.failures", "{failure}", "Batches, readers and subscribers that failed");
    }

    public void Taken(string stream, long count) => events.Add(count, new KeyValuePair<string, object?>("stream", stream));

    public void ReadingBack(string stream, long count) => LogReadingBack(stream, count);

    public void CaughtUp(string stream, long count, double milliseconds) => LogCaughtUp(stream, count, milliseconds);

    public void Gap(string stream, long from, long to)
    {
        gaps.Add(to - from + 1, new KeyValuePair<string, object?>("stream", stream));
        LogGap(stream, from, to);
    }

    public void TookStored(string stream, long count, bool all, double milliseconds)
    {
        events.Add(count, new KeyValuePair<string, object?>("stream", stream));
        LogTookStored(stream, count, all ? "the rest of the hour" : "the newest", milliseconds);
    }

    public void StoredFailed(string stream, Exception error)
    {
        failures.Add(1, new KeyValuePair<string, object?>("stream", stream));
        LogStoredFailed(stream, error);
    }

    public void BatchFailed(string stream, long from, long to, Exception error)
    {
        failures.Add(1, new KeyValuePair<string, object?>("stream", stream));
        LogBatchFailed(stream, from, to, error);
    }

    public void ReaderFailed(string stream, double seconds, Exception error)
    {
        failures.Add(1, new KeyValuePair<string, object?>("stream", stream));
        LogReaderFailed(stream, seconds, error);
    }

    public void SubscriberFailed(string stream, Exception error)
    {
        failures.Add(1, new KeyValuePair<string, object?>("stream", stream));
        LogSubscriberFailed(stream, error);
    }

    public void Dispose() => meter.Dispose();

    [LoggerMessage(Level = LogLevel.Debug, Message = "Live {Stream}: reading back {Count} events from the event log")]
    private partial void LogReadingBack(string stream, long count);

    [LoggerMessage(Level = LogLevel.Information, Message = "Live {Stream}: caught up with the event log, {Count} events in {Milliseconds:0} ms")]
    private partial void LogCaughtUp(string stream, long count, double milliseconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Live {Stream}: {Count} events taken from the table, {Part}, in {Milliseconds:0} ms")]
    private partial void LogTookStored(string stream, long count, string part, double milliseconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Live {Stream}: the table could not be read; metrics begin with what the event log holds")]
    private partial void LogStoredFailed(string stream, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Live {Stream}: events {From} to {To} were gone from the event log before they were read")]
    private partial void LogGap(string stream, long from, long to);

    [LoggerMessage(Level = LogLevel.Error, Message = "Live {Stream}: events {From} to {To} could not be taken in and are not shown")]
    private partial void LogBatchFailed(string stream, long from, long to, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Live {Stream}: reading the event log failed; again in {Seconds} s")]
    private partial void LogReaderFailed(string stream, double seconds, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Live {Stream}: a subscriber failed and is not called any more")]
    private partial void LogSubscriberFailed(string stream, Exception error);
}
