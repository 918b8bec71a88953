using System.Runtime.CompilerServices;
using System.Threading.Channels;
using FASTER.core;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.EventLog.Embedded;

/// <summary>The event log of one stream in the host's data folder.</summary>
/// <remarks>
/// One task writes: it takes every batch that waits, gives each its sequence, enqueues them, and makes them durable with one
/// commit; only then are their senders answered. So sequences are dense and in the order of the addresses, and batches that
/// arrive together share a commit. Readers follow at their own addresses; they see committed entries only.
/// </remarks>
public sealed class EmbeddedEventLog : IEventLog
{
    private const int PageBits = 23;
    private const int MaxEntryBytes = 4 * 1024 * 1024;
    private const int MaxWaiting = 256;

    private readonly string folder;
    private readonly EventLogOptions options;
    private readonly EventLogEvents events;
    private readonly TimeProvider time;
    private readonly LogIdentity identity;
    private readonly SchemaStore schemas;
    private readonly SequenceIndex index;
    private readonly OriginIndex origins = new();
    private readonly SegmentDevice device;
    private readonly FasterLog log;
    private readonly Channel<PendingAppend> waiting = Channel.CreateBounded<PendingAppend>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly CommitTimes commitTimes = new();
    private readonly Task writing;
    private readonly CancellationTokenSource closing = new();
    private long begin;
    private long end;
    private long stored = -1;
    private long lastReceivedMicros;
    private int disposed;

    private EmbeddedEventLog(string folder, StreamDefinition stream, EventLogOptions options, EventLogEvents events, TimeProvider time)
    {
        this.folder = folder;
        this.options = options;
        this.events = events;
        this.time = time;
        Stream = stream;
        identity = LogIdentity.OpenOrCreate(folder, stream.Name, 1L << PageBits, SegmentBytesFor(stream.Retention, options));
        schemas = new SchemaStore(folder, stream.Schema);
        index = new SequenceIndex(identity.SegmentBytes);
        OriginFile.Load(folder, origins);
        var floor = SequenceFloor.Read(folder);
        index.StartAt(floor);
        var scan = LogScan.Run(folder, identity, (address, header) =>
        {
            index.Add(address, header);
            origins.Add(header.Origin, header.ReceivedMicros);
        });
        if (scan.Damaged > 0)
        {
            events.Damaged(stream.Name, scan.Damaged);
        }

        device = new SegmentDevice(folder, scan.FirstSegment, time);
        log = new FasterLog(Settings(device, CommitPoint.At(scan.Begin, scan.End), options, identity));
        begin = index.Begin;
        end = index.End;
        lastReceivedMicros = index.LastReceivedMicros;
        events.Opened(stream.Name, LogId, begin, end);
        writing = Task.Run(WriteAsync);
    }

    /// <inheritdoc/>
    public StreamDefinition Stream { get; }

    /// <inheritdoc/>
    public string LogId => identity.LogId;

    /// <inheritdoc/>
    public IReadOnlyList<PartitionBounds> Bounds => [new PartitionBounds(0, Volatile.Read(ref begin), Volatile.Read(ref end))];

    /// <inheritdoc/>
    public EventLogStatus Status
    {
        get
        {
            var problem = device.Problem;
            return new EventLogStatus(problem is null && !closing.IsCancellationRequested, problem, SizeBytes, commitTimes.Median, Volatile.Read(ref lastReceivedMicros));
        }
    }

    private long SizeBytes => log.TailAddress - log.BeginAddress;

    /// <summary>Opens the log in a folder, or makes a new one.</summary>
    /// <param name="folder">Folder of the log alone, such as <c>eventlog/web-logs</c>; its owner must hold the data folder.</param>
    /// <param name="stream">Stream that it holds.</param>
    /// <param name="options">Memory and file sizes.</param>
    /// <param name="events">Counters and log lines.</param>
    /// <param name="time">Clock for the time of receipt.</param>
    /// <exception cref="EventLogException">The folder holds another stream's log, or one of a newer build, or is damaged.</exception>
    public static EmbeddedEventLog Open(string folder, StreamDefinition stream, EventLogOptions options, EventLogEvents events, TimeProvider time) =>
        new(folder, stream, options, events, time);

    /// <summary>What the log in a folder holds that nobody has open; null when there is none. What was never acknowledged at its end is cut off, as when it is opened.</summary>
    /// <exception cref="EventLogException">The folder holds another stream's log, or is damaged.</exception>
    internal static (string LogId, PartitionBounds Bounds)? Look(string folder, string stream)
    {
        if (!LogIdentity.IsIn(folder))
        {
            return null;
        }

        var identity = LogIdentity.OpenOrCreate(folder, stream, 0, 0);
        var index = new SequenceIndex(identity.SegmentBytes);
        index.StartAt(SequenceFloor.Read(folder));
        _ = LogScan.Run(folder, identity, (address, header) => index.Add(address, header));
        return (identity.LogId, new PartitionBounds(0, index.Begin, index.End));
    }

    /// <inheritdoc/>
    public async ValueTask<AppendOutcome> AppendAsync(ParsedBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Stream.Name != Stream.Name)
        {
            throw new ArgumentException($"A batch of stream '{batch.Stream.Name}' cannot go into the log of '{Stream.Name}'", nameof(batch));
        }

        if (batch.Count == 0 && batch.Origin is null)
        {
            var at = Volatile.Read(ref end);
            return new AppendOutcome.Appended(0);
        }

        if (closing.IsCancellationRequested)
        {
            return new AppendOutcome.Unavailable("The event log is closing");
        }

        var pending = new PendingAppend(EntryWriter.Encode(batch, MaxEntryBytes), batch.Origin, batch.Count);
        try
        {
            await waiting.Writer.WriteAsync(pending, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            pending.Dispose();
            return new AppendOutcome.Unavailable("The event log is closing");
        }
        catch (OperationCanceledException)
        {
            pending.Dispose();
            throw;
        }

        return await pending.Outcome.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LogRead> ReadAsync(
        IReadOnlyList<EventPosition> from, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = from.Where(position => position.Partition == 0).Select(position => (long?)position.Offset).FirstOrDefault() ?? Volatile.Read(ref begin);
        await foreach (var read in new EntryScan(log, index, schemas, Stream, () => Volatile.Read(ref begin), () => Volatile.Read(ref end)).ReadAsync(next, follow, closing.Token, cancellationToken))
        {
            if (read is LogRead.Gap gap)
            {
                events.Gap(Stream.Name, gap.Range.First, gap.Range.Last);
            }

            yield return read;
        }
    }

    /// <inheritdoc/>
    public void MarkStored(EventPosition position)
    {
        var seen = Volatile.Read(ref stored);
        while (position.Offset > seen)
        {
            var before = Interlocked.CompareExchange(ref stored, position.Offset, seen);
            if (before == seen)
            {
                break;
            }

            seen = before;
        }
    }

    /// <inheritdoc/>
    public FileRangeOrigin? FindFile(string fingerprint) => origins.FindFile(fingerprint);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
        {
            return;
        }

        waiting.Writer.Complete();
        if (device.Problem is not null)
        {
            device.StopRetrying();
        }

        await writing;
        await closing.CancelAsync();
        log.Dispose();
        device.Dispose();
        closing.Dispose();
    }

    // A quarter of what is to be kept, so that retention, which removes whole files, comes near to it.
    private static long SegmentBytesFor(EventLogRetention retention, EventLogOptions options) =>
        Math.Clamp(1L << (int)long.Log2(Math.Max(1, retention.MaxBytes / 4)), 1L << PageBits, (long)options.SegmentMiB << 20);

    private static FasterLogSettings Settings(IDevice device, ILogCommitManager commits, EventLogOptions options, LogIdentity identity) => new()
    {
        LogDevice = device,
        LogCommitManager = commits,
        PageSizeBits = PageBits,
        MemorySizeBits = int.Log2(options.MemoryMiB) + 20,
        SegmentSizeBits = (int)long.Log2(identity.SegmentBytes),
        LogChecksum = LogChecksumType.None,
        TryRecoverLatest = true,
        AutoRefreshSafeTailAddress = false,
    };

    private async Task WriteAsync()
    {
        var group = new List<PendingAppend>();
        var repeats = new List<PendingAppend>();
        while (await waiting.Reader.WaitToReadAsync())
        {
            group.Clear();
            repeats.Clear();
            try
            {
                await WriteGroupAsync(group, repeats);
            }
            catch (Exception failure)
            {
                group.ForEach(pending => pending.Fail(failure));
                repeats.ForEach(pending => pending.Fail(failure));
            }
        }
    }

    private async Task WriteGroupAsync(List<PendingAppend> group, List<PendingAppend> repeats)
    {
        var now = NowMicros();
        var next = index.End;
        long bytes = 0;
        var added = new List<(long Address, EntryHeader Header)>();
        var origin = new GroupOrigins();
        while (bytes < MaxEntryBytes * 2 && waiting.Reader.TryRead(out var pending))
        {
            if (origins.Knows(pending.Origin, now))
            {
                AnswerRepeat(pending);
                continue;
            }

            if (origin.Knows(pending.Origin))
            {
                repeats.Add(pending);
                continue;
            }

            if (!MakeRoom(pending.Bytes, now))
            {
                events.Full(Stream.Name);
                pending.Complete(new AppendOutcome.Full(TimeSpan.FromMilliseconds(options.RetryAfterMs)));
                continue;
            }

            group.Add(pending);
            origin.Add(pending.Origin);
            pending.First = next;
            foreach (var entry in pending.Entries)
            {
                EntryHeader.Place(entry.Written, next, now);
                EntryHeader.TryRead(entry.Written, out var header);
                added.Add((log.Enqueue(entry.Written), header));
                next = header.End;
                bytes += entry.Length;
            }
        }

        if (group.Count == 0)
        {
            return;
        }

        var started = time.GetTimestamp();
        var commit = log.CommitAsync().AsTask();
        if (await Task.WhenAny(commit, device.ProblemRaised) != commit)
        {
            // The write is tried again until it succeeds, so these batches may still become durable: senders are told that it is not known.
            group.AddRange(repeats);
            group.ForEach(Refuse);
            group.Clear();
            repeats.Clear();
            await RefuseUntilAsync(commit);
        }

        await commit;
        commitTimes.Add(time.GetElapsedTime(started));
        events.Committed(Stream.Name, time.GetElapsedTime(started).TotalMilliseconds);
        foreach (var (address, header) in added)
        {
            index.Add(address, header);
            origins.Add(header.Origin, now);
        }

        Volatile.Write(ref lastReceivedMicros, now);
        Volatile.Write(ref end, next);
        events.Appended(Stream.Name, next - (added.Count > 0 ? added[0].Header.First : next));
        foreach (var pending in group)
        {
            pending.Complete(new AppendOutcome.Appended(pending.Count, new EventRange(0, pending.First, pending.First + pending.Count - 1)));
        }

        repeats.ForEach(AnswerRepeat);
    }

    /// <summary>Answers whoever comes while the disk does not take a commit. Nobody waits for a disk, and closing does not either.</summary>
    private async Task RefuseUntilAsync(Task commit)
    {
        while (!commit.IsCompleted)
        {
            while (waiting.Reader.TryRead(out var pending))
            {
                Refuse(pending);
            }

            var more = waiting.Reader.WaitToReadAsync().AsTask();
            if (await Task.WhenAny(commit, more) == more && !await more)
            {
                device.StopRetrying();
                return;
            }
        }
    }

    private void Refuse(PendingAppend pending) => pending.Complete(new AppendOutcome.Unavailable(device.Problem ?? "The disk does not take the write"));

    private void AnswerRepeat(PendingAppend pending)
    {
        events.Duplicate(Stream.Name, pending.Count);
        pending.Complete(new AppendOutcome.Duplicate(pending.Count));
    }

    /// <summary>Retention: drops the oldest files while they are too old or too much, and never one that holds an event the tables do not.</summary>
    /// <returns>Whether there is room for more.</returns>
    private bool MakeRoom(long bytes, long now)
    {
        var oldestKept = now - (Stream.Retention.MaxAge.Ticks / TimeSpan.TicksPerMicrosecond);
        while (index.Oldest is { } segment && segment.End - 1 <= Volatile.Read(ref stored)
            && (SizeBytes + bytes > Stream.Retention.MaxBytes || segment.LastReceivedMicros < oldestKept))
        {
            OriginFile.Save(folder, origins);
            var address = index.DropOldest();
            SequenceFloor.Write(folder, index.Begin);
            log.TruncateUntil(address);
            Volatile.Write(ref begin, index.Begin);
            events.Truncated(Stream.Name, index.Begin);
        }

        // The file that is being written is never removed: with less than two files and a page, a stored log could be full for ever.
        return SizeBytes + bytes <= Math.Max(Stream.Retention.MaxBytes, (2 * identity.SegmentBytes) + identity.PageBytes);
    }

    private long NowMicros() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
