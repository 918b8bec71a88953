using LogPipeline.Core.EventLog.Kafka.Native;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>What a <see cref="LogWriter"/> works with.</summary>
internal sealed record LogWriterSetup
{
    public required string Stream { get; init; }

    public required string Topic { get; init; }

    public required string LogId { get; init; }

    public required KafkaOptions Options { get; init; }

    /// <summary>Settings of the producer.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>Longest value that topic and producer take.</summary>
    public required int MaxValueBytes { get; init; }

    public required OriginIndex Origins { get; init; }

    /// <summary>Waits until <see cref="Origins"/> knows everything that was committed before.</summary>
    public required Action CatchUp { get; init; }

    /// <summary>Why nothing may be written any more; null while it may.</summary>
    public required Func<string?> WhyReplaced { get; init; }

    public required EventLogEvents Events { get; init; }

    public required NativeLog Log { get; init; }

    public required TimeProvider Time { get; init; }
}
