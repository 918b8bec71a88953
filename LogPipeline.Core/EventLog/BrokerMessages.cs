namespace LogPipeline.Core.EventLog;

/// <summary>Which messages of a topic are wanted.</summary>
/// <param name="Topic">Name of the topic.</param>
/// <param name="From">Where to begin.</param>
/// <param name="Limit">Messages at most, 1 to <see cref="MaxLimit"/>.</param>
public sealed record BrokerMessageRequest(string Topic, BrokerMessageStart From, int Limit = 100)
{
    /// <summary>Most messages of one page.</summary>
    public const int MaxLimit = 500;

    /// <summary>The one partition to read; null for all.</summary>
    public int? Partition { get; init; }
}

/// <summary>Where a page of messages begins.</summary>
public abstract record BrokerMessageStart
{
    private BrokerMessageStart()
    {
    }

    /// <summary>At the newest: the last messages of each partition, an equal share of the limit each.</summary>
    public sealed record Newest : BrokerMessageStart;

    /// <summary>At the first message that is still there.</summary>
    public sealed record Oldest : BrokerMessageStart;

    /// <summary>At an offset in every partition that is read; what lies before the begin counts as the begin, what lies behind the end as the end.</summary>
    /// <param name="Value">The offset, from 0.</param>
    public sealed record Offset(long Value) : BrokerMessageStart;

    /// <summary>At positions, as <see cref="BrokerMessagePage.Next"/> names them; partitions that are not named begin at their begin.</summary>
    /// <param name="Values">One position a partition.</param>
    public sealed record Positions(IReadOnlyList<EventPosition> Values) : BrokerMessageStart;

    /// <summary>At the first message of each partition with this timestamp or a later one.</summary>
    /// <param name="Value">The time.</param>
    public sealed record Time(DateTimeOffset Value) : BrokerMessageStart;
}

/// <summary>A page of messages.</summary>
/// <param name="Messages">Messages in order of timestamp, then partition; those of one partition in order of offset.</param>
/// <param name="Next">First position of each partition read that the page does not hold.</param>
/// <param name="Bounds">What each partition read held when the page was read.</param>
public sealed record BrokerMessagePage(IReadOnlyList<BrokerMessage> Messages, IReadOnlyList<EventPosition> Next, IReadOnlyList<PartitionBounds> Bounds)
{
    /// <summary>Whether there was nothing behind the page when it was read.</summary>
    public bool IsAtEnd => Next.All(next => Bounds.Any(bounds => bounds.Partition == next.Partition && next.Offset >= bounds.End));
}

/// <summary>One message as the broker holds it.</summary>
/// <param name="Position">Its partition and offset.</param>
/// <param name="Timestamp">Its timestamp; null when it has none.</param>
/// <param name="IsLogAppendTime">Whether the broker set the timestamp on arrival, and not the producer.</param>
/// <param name="Key">Its key, at most <see cref="MaxValueBytes"/> of it; null for none.</param>
/// <param name="KeySize">Bytes of the whole key.</param>
/// <param name="Headers">Its headers in order; names may repeat.</param>
/// <param name="Value">Its value, at most <see cref="MaxValueBytes"/> of it; null for a tombstone.</param>
/// <param name="ValueSize">Bytes of the whole value.</param>
public sealed record BrokerMessage(
    EventPosition Position,
    DateTimeOffset? Timestamp,
    bool IsLogAppendTime,
    ReadOnlyMemory<byte>? Key,
    int KeySize,
    IReadOnlyList<BrokerMessageHeader> Headers,
    ReadOnlyMemory<byte>? Value,
    int ValueSize)
{
    /// <summary>Bytes kept of a key, of a header and of a value.</summary>
    public const int MaxValueBytes = 64 << 10;
}

/// <summary>One header of a message.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value, at most <see cref="BrokerMessage.MaxValueBytes"/> of it; null for none.</param>
public sealed record BrokerMessageHeader(string Name, ReadOnlyMemory<byte>? Value);
