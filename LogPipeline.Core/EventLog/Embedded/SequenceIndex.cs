namespace LogPipeline.Core.EventLog.Embedded;

/// <summary>From sequences to addresses, sparsely, and what each segment holds.</summary>
/// <remarks>Points are in ascending order of both sequence and address; one is kept for every <see cref="Spacing"/> bytes and for the first entry of each segment.</remarks>
internal sealed class SequenceIndex(long segmentBytes)
{
    private const long Spacing = 256 * 1024;
    private readonly List<Point> points = [];
    private readonly List<Segment> segments = [];
    private readonly Lock gate = new();

    /// <summary>One past the last sequence that was added.</summary>
    public long End { get; private set; }

    /// <summary>First sequence held, or <see cref="End"/> when none is.</summary>
    public long Begin
    {
        get
        {
            lock (gate)
            {
                return segments.Count == 0 ? End : segments[0].First;
            }
        }
    }

    public long LastReceivedMicros { get; private set; }

    /// <summary>Sets the sequence that an empty log goes on from.</summary>
    public void StartAt(long sequence) => End = sequence;

    public void Add(long address, in EntryHeader header)
    {
        lock (gate)
        {
            var number = address / segmentBytes;
            if (segments.Count == 0 || segments[^1].Number != number)
            {
                segments.Add(new Segment(number, header.First, header.End, header.ReceivedMicros));
                points.Add(new Point(header.First, address));
            }
            else
            {
                segments[^1] = segments[^1] with { End = header.End, LastReceivedMicros = header.ReceivedMicros };
                if (address - points[^1].Address >= Spacing)
                {
                    points.Add(new Point(header.First, address));
                }
            }

            End = header.End;
            LastReceivedMicros = header.ReceivedMicros;
        }
    }

    /// <summary>An address at or before the entry that holds a sequence, or will; null while nothing is held.</summary>
    public long? Find(long sequence)
    {
        lock (gate)
        {
            if (points.Count == 0)
            {
                return null;
            }

            var low = 0;
            var high = points.Count - 1;
            while (low < high)
            {
                var middle = (low + high + 1) / 2;
                if (points[middle].First <= sequence)
                {
                    low = middle;
                }
                else
                {
                    high = middle - 1;
                }
            }

            return points[low].Address;
        }
    }

    /// <summary>The oldest segment while it is not the only one, or null.</summary>
    public Segment? Oldest
    {
        get
        {
            lock (gate)
            {
                return segments.Count > 1 ? segments[0] : null;
            }
        }
    }

    /// <summary>Forgets the oldest segment.</summary>
    /// <returns>Address where the log now begins.</returns>
    public long DropOldest()
    {
        lock (gate)
        {
            segments.RemoveAt(0);
            var begin = segments[0].Number * segmentBytes;
            points.RemoveRange(0, points.FindIndex(point => point.Address >= begin));
            return begin;
        }
    }

    internal readonly record struct Segment(long Number, long First, long End, long LastReceivedMicros);

    private readonly record struct Point(long First, long Address);
}
