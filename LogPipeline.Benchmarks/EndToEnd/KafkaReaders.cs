using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.EventLog.Kafka;
using LogPipeline.Core.EventLog.Kafka.Native;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Live;
using LogPipeline.Core.Streams;
using Microsoft.Extensions.Logging.Abstractions;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>Reads a whole topic in a process of its own, each reader with the product's settings of the consumer.</summary>
internal static class KafkaReaders
{
    /// <summary>First argument that makes this program do it.</summary>
    public const string Verb = "kafka-reader";

    /// <summary>The product: parsed into Arrow and folded into every live metric.</summary>
    public const string Product = "product";

    /// <summary>Confluent.Kafka's <c>Consume()</c>, which makes an object a message.</summary>
    public const string Consume = "consume";

    /// <summary>librdkafka's batch call, from the same runtime.</summary>
    public const string Raw = "raw";

    /// <summary>Reads, and writes events, bytes and seconds.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output)
    {
        var options = new KafkaOptions { Brokers = arguments[1], Replication = 1, ConnectTimeout = TimeSpan.FromSeconds(60) };
        var (topic, count) = (arguments[2], int.Parse(arguments[3], CultureInfo.InvariantCulture));
        var result = arguments[0] switch
        {
            Product => await ReadProductAsync(options, topic, count),
            Consume => ReadConfluent(options, topic, count),
            _ => ReadRaw(options, topic, count),
        };
        await output.WriteLineAsync(result.ToString());
        return 0;
    }

    private static async Task<Result> ReadProductAsync(KafkaOptions options, string topic, int count)
    {
        var stream = new StreamDefinition("web-logs", AvroSchemaReader.ReadShipped("web-log"), topic, "logs", EventLogRetention.Default);
        using var events = new EventLogEvents(NullLogger<EventLogEvents>.Instance);
        await using var connection = await KafkaConnection.OpenAsync([stream], options, new IngestOptions(), "bench", events, TimeProvider.System);
        using var view = new LiveView(stream, new LiveOptions(), TimeProvider.System);
        var watch = Clock.Start();
        long seen = 0;
        await foreach (var read in connection.Logs[0].ReadAsync([], follow: true, CancellationToken.None))
        {
            if (read is LogRead.Batch(var batch))
            {
                using (batch)
                {
                    view.Add(batch);
                    seen += batch.Events.Length + batch.Rejected.Count;
                }
            }

            if (seen >= count)
            {
                break;
            }
        }

        var (seconds, cpu) = watch.Stop();
        return new Result(view.Read(new LiveQuery(EventFilter.None, TimeSpan.FromHours(1), Buckets: 1)).Metrics.Requests, null, seconds, cpu);
    }

    private static Result ReadConfluent(KafkaOptions options, string topic, int count)
    {
        using var consumer = new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig(KafkaSettings.Consumer(options, follow: true)) { EnablePartitionEof = false }).Build();
        var watch = Clock.Start();
        consumer.Assign(Enumerable.Range(0, 3).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        long bytes = 0;
        for (var seen = 0; seen < count; seen++)
        {
            bytes += consumer.Consume(CancellationToken.None).Message.Value.Length;
        }

        var (seconds, cpu) = watch.Stop();
        return new Result(count, bytes, seconds, cpu);
    }

    private static unsafe Result ReadRaw(KafkaOptions options, string topic, int count)
    {
        const int Batch = 4096;
        using var consumer = new NativeConsumer(KafkaSettings.Consumer(options, follow: true), (_, _, _) => { });
        var messages = (Message**)NativeMemory.Alloc(Batch, (nuint)sizeof(Message*));
        var watch = Clock.Start();
        consumer.Assign(topic, Enumerable.Range(0, 3).Select(partition => (partition, (long)LogReader.BeginOffset)));
        var (seen, bytes) = (0, 0L);
        while (seen < count)
        {
            // The batch call waits for a full batch; so the first message is waited for alone.
            var got = (int)RdKafka.ConsumeBatch(consumer.Queue, 0, messages, Batch);
            if (got <= 0 && RdKafka.Consume(consumer.Queue, 100) is var one && one is not null)
            {
                messages[0] = one;
                got = 1;
            }

            for (var index = 0; index < got; index++)
            {
                if (messages[index]->Error == KafkaErrorCode.None)
                {
                    seen++;
                    bytes += (long)messages[index]->Length;
                }

                RdKafka.MessageDestroy(messages[index]);
            }
        }

        var (seconds, cpu) = watch.Stop();
        NativeMemory.Free(messages);
        return new Result(seen, bytes, seconds, cpu);
    }

    /// <summary>What a reader has read.</summary>
    /// <param name="Events">Events counted.</param>
    /// <param name="Bytes">Bytes of their values; null where they are not counted.</param>
    /// <param name="Seconds">From the first call to the last message.</param>
    /// <param name="CpuSeconds">Processor time of the process in it, all threads.</param>
    internal sealed record Result(long Events, long? Bytes, double Seconds, double CpuSeconds)
    {
        /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
        public static Result Read(string text)
        {
            var parts = text.Trim().Split(' ');
            return new Result(
                long.Parse(parts[0], CultureInfo.InvariantCulture), parts[1] == "-" ? null : long.Parse(parts[1], CultureInfo.InvariantCulture), double.Parse(parts[2], CultureInfo.InvariantCulture),
                double.Parse(parts[3], CultureInfo.InvariantCulture));
        }

        /// <inheritdoc/>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Events} {(Bytes is { } bytes ? bytes.ToString(CultureInfo.InvariantCulture) : "-")} {Seconds:R} {CpuSeconds:R}");
    }

    private readonly record struct Clock(long Started, TimeSpan Cpu)
    {
        public static Clock Start() => new(Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);

        public (double Seconds, double CpuSeconds) Stop() => (Stopwatch.GetElapsedTime(Started).TotalSeconds, (Environment.CpuUsage.TotalTime - Cpu).TotalSeconds);
    }
}
