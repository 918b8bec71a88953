namespace LogPipeline.Core.Live.Rolling;

/// <summary>What happened in one stretch of time.</summary>
internal sealed class Slice(int sessions)
{
    public const int SessionsOfASecond = 4_096;
    public const int SessionsOfABlock = 8_192;

    public CellTable Cells { get; } = new();

    public CountTable Times { get; } = new();

    public SessionSet Sessions { get; } = new(sessions);

    public long Bytes => Cells.Bytes + Times.Bytes + Sessions.Bytes + 100;

    public void Add(Slice other)
    {
        Cells.Add(other.Cells);
        AddShapes(other);
    }

    /// <summary>Adds what takes most memory: histograms and sessions.</summary>
    public void AddShapes(Slice other)
    {
        Times.Add(other.Times);
        Sessions.Add(other.Sessions);
    }

    public void Trim()
    {
        Cells.Trim();
        Times.Trim();
        Sessions.Trim();
    }
}

/// <summary>Ten seconds: by the second while memory allows it, and as a whole once they are over.</summary>
/// <remarks>Invariant: when both are there, <see cref="Whole"/> is the sum of the seconds. Without <see cref="Seconds"/> it is all there is.</remarks>
internal sealed class TimeBlock(long number)
{
    public const int Length = 10;

    public long Number { get; } = number;

    public long FirstSecond => Number * Length;

    /// <summary>Grows with every change of any block.</summary>
    public long Version { get; set; }

    public Slice?[]? Seconds { get; private set; } = new Slice?[Length];

    public Slice? Whole { get; private set; }

    public long Bytes
    {
        get
        {
            var bytes = 200 + (Whole?.Bytes ?? 0);
            foreach (var second in Seconds ?? [])
            {
                bytes += second?.Bytes ?? 0;
            }

            return bytes;
        }
    }

    /// <summary>The slice that an event of this second is added to, and the whole when it is kept beside it.</summary>
    public (Slice Slice, Slice? Whole) SliceOf(long second)
    {
        if (Seconds is null)
        {
            return (Whole!, null);
        }

        return (Seconds[second - FirstSecond] ??= new Slice(Slice.SessionsOfASecond), Whole);
    }

    /// <summary>Sums the seconds up and gives back what only additions need.</summary>
    public void Close()
    {
        if (Whole is not null || Seconds is null)
        {
            return;
        }

        var whole = new Slice(Slice.SessionsOfABlock);
        foreach (var second in Seconds)
        {
            if (second is not null)
            {
                whole.Add(second);
                second.Trim();
            }
        }

        whole.Trim();
        Whole = whole;
    }

    /// <summary>Forgets the single seconds.</summary>
    public void Fold()
    {
        Close();
        Seconds = null;
    }

    /// <summary>Replaces the sum, by one that says the same or is coarser.</summary>
    public void SetWhole(Slice whole) => Whole = whole;
}
