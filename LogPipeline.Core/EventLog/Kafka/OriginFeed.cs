using System.Collections.Concurrent;
using LogPipeline.Core.EventLog.Kafka.Native;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>Reads the topics of origins, first what they hold and then what any host adds, into one index a log.</summary>
internal sealed class OriginFeed : IAsyncDisposable
{
    private const int WaitMs = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, OriginIndex> indexes = new(StringComparer.Ordinal);
    private readonly Dictionary<bool, long> positions = [];
    private readonly NativeConsumer consumer;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stop = new();
    private TaskCompletionSource moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task running = Task.CompletedTask;

    public OriginFeed(KafkaOptions options, NativeLog log, TimeProvider time)
    {
        this.time = time;
        consumer = new NativeConsumer(KafkaSettings.Consumer(options, follow: true), log);
    }

    /// <summary>What is known of a log.</summary>
    public OriginIndex IndexOf(string logId) => indexes.GetOrAdd(logId, _ => new OriginIndex());

    /// <summary>Starts reading: keys of the last day, and every file.</summary>
    /// <exception cref="EventLogUnavailableException">The topics do not answer.</exception>
    public void Start()
    {
        var since = (time.GetUtcNow() - OriginIndex.MaxAge).ToUnixTimeMilliseconds();
        var keys = consumer.OffsetsAt(OriginTopics.Keys, 1, since, Patience)[0];
        keys = keys < 0 ? consumer.Watermarks(OriginTopics.Keys, 0, Patience).End : keys;
        var files = consumer.Watermarks(OriginTopics.Files, 0, Patience).Begin;
        Assign(isFile: false, keys);
        Assign(isFile: true, files);
        running = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Waits until everything is known that was committed before the call.</summary>
    /// <exception cref="EventLogUnavailableException">The topics do not answer.</exception>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        var keys = consumer.Watermarks(OriginTopics.Keys, 0, Patience).End;
        var files = consumer.Watermarks(OriginTopics.Files, 0, Patience).End;
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (positions[false] >= keys && positions[true] >= files)
                {
                    return;
                }

                next = moved.Task;
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        consumer.Wake();
        await running;
        consumer.Dispose();
        stop.Dispose();
    }

    private static string TopicOf(bool isFile) => isFile ? OriginTopics.Files : OriginTopics.Keys;

    private void Assign(bool isFile, long offset)
    {
        lock (gate)
        {
            positions[isFile] = offset;
        }

        consumer.Assign(TopicOf(isFile), [(0, offset)]);
    }

    private unsafe void Run()
    {
        nint files = 0;
        while (!stop.IsCancellationRequested)
        {
            var message = RdKafka.Consume(consumer.Queue, WaitMs);
            if (message is null)
            {
                continue;
            }

            try
            {
                var isFile = IsFile(message, ref files);
                if (message->Error is KafkaErrorCode.None)
                {
                    Take(isFile, message);
                    Move(isFile, message->Offset + 1);
                }
                else if (message->Error is KafkaErrorCode.PartitionEnd)
                {
                    Move(isFile, message->Offset);
                }
                else if (message->Error is KafkaErrorCode.AutoOffsetReset or KafkaErrorCode.OffsetOutOfRange)
                {
                    // What was there is older than a day, or was compacted away: go on at what is left.
                    consumer.Unassign(TopicOf(isFile), [0]);
                    consumer.Assign(TopicOf(isFile), [(0, -2)]);
                }
            }
            finally
            {
                RdKafka.MessageDestroy(message);
            }
        }
    }

    // The two topics have one partition each; the address of a topic's handle tells them apart once its name was looked at.
    private static unsafe bool IsFile(Message* message, ref nint files)
    {
        if (message->Topic == 0)
        {
            return false;
        }

        if (message->Topic == files)
        {
            return true;
        }

        var isFile = NativeText.Read(RdKafka.TopicName(message->Topic)) == OriginTopics.Files;
        files = isFile ? message->Topic : files;
        return isFile;
    }

    private unsafe void Take(bool isFile, Message* message)
    {
        if (OriginTopics.Read(isFile, new ReadOnlySpan<byte>(message->Key, (int)message->KeyLength), message->Value) is { } read)
        {
            TimestampKind kind;
            IndexOf(read.LogId).Add(read.Origin, RdKafka.MessageTimestamp(message, &kind) * 1000);
        }
    }

    private void Move(bool isFile, long position)
    {
        TaskCompletionSource waiting;
        lock (gate)
        {
            positions[isFile] = Math.Max(positions[isFile], position);
            waiting = moved;
            moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        waiting.SetResult();
    }
}
