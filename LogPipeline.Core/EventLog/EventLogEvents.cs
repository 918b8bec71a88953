using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace LogPipeline.Core.EventLog;

/// <summary>What happens in the event log: a line and a counter each.</summary>
public sealed partial class EventLogEvents : IDisposable
{
    private readonly Meter meter = new("LogPipeline.EventLog");
    private readonly Counter<long> appended;
    private readonly Counter<long> duplicates;
    private readonly Counter<long> full;
    private readonly Counter<long> gaps;
    private readonly Histogram<double> commit;
    private readonly ILogger<EventLogEvents> logger;

    /// <summary>Makes the counters.</summary>
    public EventLogEvents(ILogger<EventLogEvents> logger)
    {
        this.logger = logger;
        appended = meter.CreateCounter<long>("logpipeline.eventlog.appended", "{record}", "Records made durable");
        duplicates = meter.CreateCounter<long>("logpipeline.eventlog.duplicates", "{record}", "Records recognised as sent before");
        full = meter.CreateCounter<long>("logpipeline.eventlog.full", "{batch}", "Batches refused because the log was full");
        gaps = meter.CreateCounter<long>("logpipeline.eventlog.gaps", "{record}", "Positions that were gone before they were read");
        commit = meter.CreateHistogram<double>("logpipeline.eventlog.commit", "ms", "Time to make a group of batches durable");
    }

    internal void Opened(string stream, string logId, long begin, long end)
    {
        LogOpened(stream, logId, begin, end);
    }

    internal void Appended(string stream, long count) => appended.Add(count, new KeyValuePair<string, object?>("stream", stream));

    internal void Committed(string stream, double milliseconds) => commit.Record(milliseconds, new KeyValuePair<string, object?>("stream", stream));

    internal void Duplicate(string stream, int count)
    {
        duplicates.Add(count, new KeyValuePair<string, object?>("stream", stream));
        LogDuplicate(stream, count);
    }

    internal void Full(string stream) => full.Add(1, new KeyValuePair<string, object?>("stream", stream));

    internal void Gap(string stream, long first, long last)
    {
        gaps.Add(last - first + 1, new KeyValuePair<string, object?>("stream", stream));
        LogGap(stream, first, last);
    }

    internal void Damaged(string stream, int places) => LogDamaged(stream, places);

    internal void Truncated(string stream, long begin) => LogTruncated(stream, begin);

    internal void WriterFailed(string stream, Exception error) => LogWriterFailed(error, stream);

    internal void TopicMade(string topic, int partitions) => LogTopicMade(topic, partitions);

    internal void Waiting(string brokers, double seconds, string reason) => LogWaiting(brokers, seconds, reason);

    internal void Reachable(string stream) => LogReachable(stream);

    internal void Unreachable(string stream, string reason) => LogUnreachable(stream, reason);

    internal void GroupFailed(string group, string reason) => LogGroupFailed(group, reason);

    internal void Native(int level, string topic, string line)
    {
        // Lost connections are told once, as a state of the log; every client's own words about them are for debugging.
        if (level <= 2)
        {
            LogNativeError(topic, line);
        }
        else
        {
            LogNative(topic, line);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();

    [LoggerMessage(1, LogLevel.Information, "Event log of {Stream} ({LogId}) holds offsets {Begin} to {End}")]
    private partial void LogOpened(string stream, string logId, long begin, long end);

    [LoggerMessage(2, LogLevel.Debug, "{Count} records of {Stream} were sent before and are not added again")]
    private partial void LogDuplicate(string stream, int count);

    [LoggerMessage(3, LogLevel.Warning, "Event log of {Stream} no longer holds offsets {First} to {Last}, which a reader asked for")]
    private partial void LogGap(string stream, long first, long last);

    [LoggerMessage(4, LogLevel.Error, "Event log of {Stream} is damaged in {Places} places; the events there are reported as gaps")]
    private partial void LogDamaged(string stream, int places);

    [LoggerMessage(5, LogLevel.Debug, "Event log of {Stream} now begins at {Begin}")]
    private partial void LogTruncated(string stream, long begin);

    [LoggerMessage(6, LogLevel.Error, "The writer of {Stream} failed; it goes on with a new connection")]
    private partial void LogWriterFailed(Exception error, string stream);

    [LoggerMessage(7, LogLevel.Information, "Made topic {Topic} with {Partitions} partitions")]
    private partial void LogTopicMade(string topic, int partitions);

    [LoggerMessage(8, LogLevel.Warning, "Kafka at {Brokers} does not answer yet; trying for {Seconds:0} s: {Reason}")]
    private partial void LogWaiting(string brokers, double seconds, string reason);

    [LoggerMessage(9, LogLevel.Information, "Kafka serves {Stream} again")]
    private partial void LogReachable(string stream);

    [LoggerMessage(10, LogLevel.Warning, "Kafka does not serve {Stream}: {Reason}")]
    private partial void LogUnreachable(string stream, string reason);

    [LoggerMessage(11, LogLevel.Warning, "The stored offsets cannot be published as group {Group}: {Reason}")]
    private partial void LogGroupFailed(string group, string reason);

    [LoggerMessage(12, LogLevel.Debug, "librdkafka {Topic}: {Line}")]
    private partial void LogNative(string topic, string line);

    [LoggerMessage(13, LogLevel.Error, "librdkafka {Topic}: {Line}")]
    private partial void LogNativeError(string topic, string line);
}
