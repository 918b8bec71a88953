using System.Runtime.InteropServices;
using System.Threading.Channels;
using LogPipeline.Core.EventLog.Kafka.Native;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Ingest.Formats;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>What a reader must know of its log while it reads.</summary>
internal interface ILogTopic
{
    /// <summary>The stream.</summary>
    StreamDefinition Stream { get; }

    /// <summary>Partitions that the topic has now.</summary>
    int PartitionCount { get; }

    /// <summary>Throws when the topic was made anew.</summary>
    /// <exception cref="EventLogException">It was.</exception>
    void ThrowIfReplaced();

    /// <summary>Says how far a partition was read, and when the last of it was received.</summary>
    void Reached(EventBatch batch);
}

/// <summary>Reads partitions of one topic on a thread of its own and hands over parsed batches; at most two wait.</summary>
/// <remarks>
/// A batch is cut when nothing more is there to be read, when it is full, or when it is old: so a quiet stream is shown at once and a
/// busy one in large pieces. When nobody takes the batches, first the fetch queue fills (<see cref="KafkaOptions.FetchBytes"/>), then
/// the partitions are paused, which frees it.
/// </remarks>
internal sealed class LogReader(
    ILogTopic topic, NativeConsumer consumer, IReadOnlyDictionary<int, long> starts, IReadOnlyDictionary<int, long>? ends, IngestOptions options, TimeProvider time) : IAsyncDisposable
{
    private const int BatchMessages = 4096;
    private const int WaitMs = 100;
    /// <summary>Where a partition begins, wherever that is (<c>RD_KAFKA_OFFSET_BEGINNING</c>).</summary>
    public const int BeginOffset = -2;

    private static readonly TimeSpan OldestUncut = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PauseAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan GiveUp = TimeSpan.FromSeconds(10);

    private readonly Channel<LogRead> reads = Channel.CreateBounded<LogRead>(new BoundedChannelOptions(2) { SingleReader = true, SingleWriter = true });
    private readonly SortedDictionary<int, PartitionParser> parsers = [];
    private readonly JsonEventFormat format = new(topic.Stream.Schema, options);
    private readonly CancellationTokenSource stop = new();
    private long oldest;
    private long lastProgress;
    private Task running = Task.CompletedTask;

    /// <summary>What was read. It completes with the failure that ended the reading, if one did.</summary>
    public ChannelReader<LogRead> Reads => reads.Reader;

    private string Name => topic.Stream.Topic;

    /// <summary>Starts reading.</summary>
    public void Start() => running = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Stops, and gives back what nobody took.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        consumer.Wake();
        await running;
        while (reads.Reader.TryRead(out var read))
        {
            (read as LogRead.Batch)?.Value.Dispose();
        }

        stop.Dispose();
    }

    private unsafe void Run()
    {
        var messages = (Message**)NativeMemory.Alloc(BatchMessages, (nuint)sizeof(Message*));
        Exception? failure = null;
        try
        {
            Begin();
            while (!stop.IsCancellationRequested && !IsDone())
            {
                topic.ThrowIfReplaced();
                AssignNew();
                Pump(messages);
            }

            FlushAll();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Whoever reads has gone.
        }
        catch (Exception error)
        {
            failure = error;
        }
        finally
        {
            NativeMemory.Free(messages);
            foreach (var parser in parsers.Values)
            {
                parser.Dispose();
            }

            reads.Writer.Complete(failure);
        }
    }

    private void Begin()
    {
        lastProgress = time.GetTimestamp();
        oldest = lastProgress;
        foreach (var (partition, offset) in starts.OrderBy(one => one.Key))
        {
            if (ends is null || (ends.TryGetValue(partition, out var end) && offset < end))
            {
                parsers[partition] = ParserOf(partition, offset);
            }
        }

        if (parsers.Count > 0)
        {
            consumer.Assign(Name, parsers.Values.Select(parser => (parser.Partition, parser.Position)));
        }
    }

    /// <summary>A reader that stays waits for brokers that are away; one that was to come to an end says that it cannot.</summary>
    private void CheckProgress()
    {
        if (ends is not null && time.GetElapsedTime(lastProgress) > GiveUp)
        {
            throw new EventLogUnavailableException($"Topic '{Name}' cannot be read now: nothing arrived for {GiveUp.TotalSeconds:0} seconds");
        }
    }

    private bool IsDone() => ends is not null && parsers.Values.All(parser => parser.Position >= ends[parser.Partition]);

    /// <summary>Partitions that were added to the topic are read from their begin.</summary>
    private void AssignNew()
    {
        for (var partition = parsers.Count; ends is null && partition < topic.PartitionCount; partition++)
        {
            parsers[partition] = ParserOf(partition, BeginOffset);
            consumer.Assign(Name, [(partition, BeginOffset)]);
        }
    }

    private PartitionParser ParserOf(int partition, long offset) => new(topic.Stream, format, options, partition, offset, time);

    private unsafe void Pump(Message** messages)
    {
        // The batch call waits for a full batch; so the first message is waited for alone.
        var count = (int)RdKafka.ConsumeBatch(consumer.Queue, 0, messages, BatchMessages);
        if (count <= 0)
        {
            FlushAll();
            var one = RdKafka.Consume(consumer.Queue, WaitMs);
            if (one is null)
            {
                CheckProgress();
                return;
            }

            messages[0] = one;
            count = 1;
        }

        lastProgress = time.GetTimestamp();
        var next = 0;
        try
        {
            while (next < count)
            {
                var message = messages[next++];
                try
                {
                    Take(message);
                }
                finally
                {
                    RdKafka.MessageDestroy(message);
                }
            }
        }
        finally
        {
            while (next < count)
            {
                RdKafka.MessageDestroy(messages[next++]);
            }
        }

        if (time.GetElapsedTime(oldest) > OldestUncut)
        {
            FlushAll();
        }
    }

    private unsafe void Take(Message* message)
    {
        if (message->Error != KafkaErrorCode.None)
        {
            Handle(message);
            return;
        }

        if (!parsers.TryGetValue(message->Partition, out var parser))
        {
            return;
        }

        parser.Add(message);
        if (parser.IsFull)
        {
            Flush(parser);
        }
    }

    private unsafe void Handle(Message* message)
    {
        switch (message->Error)
        {
            case KafkaErrorCode.PartitionEnd:
                if (parsers.TryGetValue(message->Partition, out var parser))
                {
                    parser.AdvanceTo(message->Offset);
                }

                break;
            case KafkaErrorCode.AutoOffsetReset or KafkaErrorCode.OffsetOutOfRange:
                Recover(message->Partition);
                break;
            case KafkaErrorCode.LogTruncation:
                throw new EventLogException($"Partition {message->Partition} of topic '{Name}' lost events that were durable: a replica that lacked them became the leader. Nothing behind them is read or stored");
            case KafkaErrorCode.Fatal:
                throw new EventLogUnavailableException($"Kafka's client cannot go on: {NativeText.Of(message->Error)}");
            default:
                // The client tries again by itself: a broker that is away, a leader that moves.
                break;
        }
    }

    /// <summary>What was asked for is not there: says what is gone and goes on at the begin.</summary>
    private void Recover(int partition)
    {
        if (!parsers.TryGetValue(partition, out var parser))
        {
            return;
        }

        var (begin, end) = WatermarksOf(partition);
        topic.ThrowIfReplaced();
        if (parser.Position > end)
        {
            throw new EventLogException(
                $"Partition {partition} of topic '{Name}' ends at {end}, but {parser.Position} is wanted next: it has lost events, or was made anew. Nothing of it is read or stored");
        }

        Flush(parser);
        consumer.Unassign(Name, [partition]);
        if (parser.Position < begin)
        {
            var from = parser.Position;
            parser.RestartAt(begin);
            if (from >= 0)
            {
                Give(new LogRead.Gap(new EventRange(partition, from, begin - 1)));
            }
        }

        consumer.Assign(Name, [(partition, parser.Position)]);
    }

    private (long Begin, long End) WatermarksOf(int partition)
    {
        while (true)
        {
            try
            {
                return consumer.Watermarks(Name, partition, Patience);
            }
            catch (EventLogUnavailableException) when (ends is null)
            {
                stop.Token.ThrowIfCancellationRequested();
                topic.ThrowIfReplaced();
            }
        }
    }

    private void FlushAll()
    {
        foreach (var parser in parsers.Values)
        {
            Flush(parser);
        }

        oldest = time.GetTimestamp();
    }

    private void Flush(PartitionParser parser)
    {
        if (parser.HasAny)
        {
            var batch = parser.Take();
            topic.Reached(batch);
            Give(new LogRead.Batch(batch));
        }
    }

    private void Give(LogRead read)
    {
        if (reads.Writer.TryWrite(read))
        {
            return;
        }

        try
        {
            WaitForRoom();
        }
        catch (OperationCanceledException)
        {
            (read as LogRead.Batch)?.Value.Dispose();
            throw;
        }

        _ = reads.Writer.TryWrite(read);
    }

    private void WaitForRoom()
    {
        var room = reads.Writer.WaitToWriteAsync(stop.Token).AsTask();
        try
        {
            room.WaitAsync(PauseAfter, time).GetAwaiter().GetResult();
            return;
        }
        catch (TimeoutException)
        {
            // Nobody takes what was read: what was fetched ahead of it gives its memory back until somebody does.
        }

        var partitions = parsers.Keys.ToList();
        consumer.Pause(Name, partitions);
        room.GetAwaiter().GetResult();
        consumer.Resume(Name, partitions);
    }
}
