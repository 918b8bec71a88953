using System.Diagnostics.Metrics;
using LogPipeline.Core.EventLog;
using Microsoft.Extensions.Logging;

namespace LogPipeline.Core.Lake;

/// <summary>What happens in the lake: each event is logged and counted in one place.</summary>
internal sealed partial class LakeEvents : IDisposable
{
    private readonly ILogger<LakeEvents> logger;
    private readonly Meter meter;
    private readonly Counter<long> commits;
    private readonly Counter<long> rows;
    private readonly Counter<long> bytes;
    private readonly Counter<long> deadLetters;
    private readonly Counter<long> conflicts;
    private readonly Counter<long> unavailable;
    private readonly Counter<long> lost;
    private readonly Counter<long> compacted;
    private readonly Counter<long> deleted;
    private readonly Histogram<double> commitSeconds;
    private readonly Histogram<double> checkpointSeconds;

    public LakeEvents(ILogger<LakeEvents> logger, IMeterFactory meters)
    {
        this.logger = logger;
        meter = meters.Create("LogPipeline.Lake");
        commits = meter.CreateCounter<long>("lake.commits", description: "Commits to Delta tables");
        rows = meter.CreateCounter<long>("lake.rows", description: "Rows committed");
        bytes = meter.CreateCounter<long>("lake.written", "By", "Bytes of data files committed");
        deadLetters = meter.CreateCounter<long>("lake.dead_letters", description: "Rejected records committed");
        conflicts = meter.CreateCounter<long>("lake.conflicts", description: "Commits lost to another writer and read again");
        unavailable = meter.CreateCounter<long>("lake.unavailable", description: "Commits that the volume refused");
        lost = meter.CreateCounter<long>("lake.gaps", description: "Events that the event log no longer held");
        compacted = meter.CreateCounter<long>("lake.compacted_files", description: "Small files merged");
        deleted = meter.CreateCounter<long>("lake.deleted_files", description: "Data files deleted after their retention");
        commitSeconds = meter.CreateHistogram<double>("lake.commit.duration", "s", "From cutting a batch to its durable commit");
        checkpointSeconds = meter.CreateHistogram<double>("lake.checkpoint.duration", "s", "Time to write a checkpoint");
    }

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();

    public void Committed(string table, long version, long rowCount, long byteCount, TimeSpan elapsed)
    {
        var tag = Table(table);
        commits.Add(1, tag);
        rows.Add(rowCount, tag);
        bytes.Add(byteCount, tag);
        commitSeconds.Record(elapsed.TotalSeconds, tag);
        LogCommitted(table, version, rowCount, byteCount, elapsed.TotalMilliseconds);
    }

    public void DeadLettered(string stream, int count)
    {
        deadLetters.Add(count, new KeyValuePair<string, object?>("stream", stream));
        LogDeadLettered(stream, count);
    }

    public void Conflicted(string table, string reason)
    {
        conflicts.Add(1, Table(table));
        LogConflicted(table, reason);
    }

    public void Unavailable(string table, string reason, TimeSpan retryAfter)
    {
        unavailable.Add(1, Table(table));
        LogUnavailable(table, reason, retryAfter.TotalSeconds);
    }

    public void Gap(string stream, int partition, long first, long last)
    {
        lost.Add(last - first + 1, new KeyValuePair<string, object?>("stream", stream));
        LogGap(stream, partition, first, last);
    }

    public void CheckpointWritten(string table, long version, long byteCount, TimeSpan elapsed)
    {
        checkpointSeconds.Record(elapsed.TotalSeconds, Table(table));
        LogCheckpoint(table, version, byteCount, elapsed.TotalMilliseconds);
    }

    public void Compacted(string table, int files, int into, long byteCount, TimeSpan elapsed)
    {
        compacted.Add(files, Table(table));
        LogCompacted(table, files, into, byteCount, elapsed.TotalMilliseconds);
    }

    public void Deleted(string table, int files, string what)
    {
        if (files > 0)
        {
            deleted.Add(files, Table(table));
            LogDeleted(table, files, what);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Stream {Stream} is not stored: {Reason}")]
    public partial void Refused(string stream, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Upkeep of table {Table} failed; it is tried again")]
    public partial void UpkeepFailed(string table, Exception error);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stream {Stream} stands by: {Reason}")]
    public partial void StandingBy(string stream, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Another process has taken table {Table} over; this one stands by")]
    public partial void LeaseLost(string table);

    [LoggerMessage(Level = LogLevel.Error, Message = "Table {Table} could not be derived; it is tried again")]
    public partial void DeriveFailed(string table, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The lake's writer of stream {Stream} failed; it starts again")]
    public partial void WriterFailed(string stream, Exception error);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stream {Stream} is stored in table {Table} from {Positions} on")]
    private partial void Started(string stream, string table, string positions);

    /// <summary>A writer of a stream began.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="table">Its table.</param>
    /// <param name="next">The first position of each partition that is not stored; none when nothing is.</param>
    public void Started(string stream, string table, IReadOnlyList<EventPosition> next) =>
        Started(stream, table, next.Count == 0 ? "the beginning" : string.Join(",", next));

    [LoggerMessage(Level = LogLevel.Information, Message = "Stream {Stream} drained")]
    public partial void Drained(string stream);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stream {Stream} was not drained in time; the rest is stored after the next start")]
    public partial void DrainLate(string stream);

    private static KeyValuePair<string, object?> Table(string table) => new("table", table);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Table {Table} is at version {Version}: {Rows} rows, {Bytes} bytes in {Elapsed} ms")]
    private partial void LogCommitted(string table, long version, long rows, long bytes, double elapsed);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Stream {Stream}: {Count} records went to dead_letters")]
    private partial void LogDeadLettered(string stream, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A commit to table {Table} was dropped and is read again: {Reason}")]
    private partial void LogConflicted(string table, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Table {Table} cannot be written: {Reason}; next try in {Seconds} s, events are safe in the event log")]
    private partial void LogUnavailable(string table, string reason, double seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "Stream {Stream}: events {First} to {Last} of partition {Partition} are no longer in the event log and are not stored")]
    private partial void LogGap(string stream, int partition, long first, long last);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Checkpoint of table {Table} at version {Version}: {Bytes} bytes in {Elapsed} ms")]
    private partial void LogCheckpoint(string table, long version, long bytes, double elapsed);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Table {Table}: {Files} files merged into {Into}, {Bytes} bytes in {Elapsed} ms")]
    private partial void LogCompacted(string table, int files, int into, long bytes, double elapsed);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Table {Table}: deleted {Files} {What}")]
    private partial void LogDeleted(string table, int files, string what);
}
