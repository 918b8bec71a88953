using System.Globalization;

namespace LogPipeline.Core.EventLog;

/// <summary>Where one event stands in an event log.</summary>
/// <param name="Partition">Partition; the embedded log has just partition 0.</param>
/// <param name="Offset">Offset within the partition, from 0. Dense in the embedded log; Kafka's may have gaps.</param>
public readonly record struct EventPosition(int Partition, long Offset)
{
    /// <summary>As in SSE ids and REST cursors: <c>0:1204331</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Partition}:{Offset}");

    /// <summary>Reads <c>partition:offset</c>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out EventPosition position)
    {
        position = default;
        var colon = text.IndexOf(':');
        if (colon <= 0
            || !int.TryParse(text[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            || !long.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
        {
            return false;
        }

        position = new EventPosition(partition, offset);
        return true;
    }
}

/// <summary>Consecutive offsets of one partition, both ends included.</summary>
/// <param name="Partition">Partition.</param>
/// <param name="First">First offset.</param>
/// <param name="Last">Last offset.</param>
public readonly record struct EventRange(int Partition, long First, long Last)
{
    /// <summary>Offsets covered.</summary>
    public long Count => Last - First + 1;
}

/// <summary>What a partition holds.</summary>
/// <param name="Partition">Partition.</param>
/// <param name="Begin">First offset that can still be read.</param>
/// <param name="End">One past the last durable offset.</param>
public readonly record struct PartitionBounds(int Partition, long Begin, long End);
