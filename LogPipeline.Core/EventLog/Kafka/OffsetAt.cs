namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>Offsets of a partition that can be asked for by their place; others by a time.</summary>
internal static class OffsetAt
{
    /// <summary>The end: the offset of the next message.</summary>
    public const long Latest = -1;

    /// <summary>The first message that is held.</summary>
    public const long Earliest = -2;
}
