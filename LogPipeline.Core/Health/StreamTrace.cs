namespace LogPipeline.Core.Health;

/// <summary>Remembers how far a stream was at each look, for rates and for the age of what is not stored yet.</summary>
/// <remarks>
/// The oldest record that is not stored arrived after the last look at which the log's end was stored already, so that look's
/// time bounds its age; the error is the time between two looks.
/// </remarks>
internal sealed class StreamTrace
{
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(5);
    private readonly LinkedList<(DateTimeOffset At, long End, long Stored, long Rejected)> looks = new();

    /// <summary>Takes a look.</summary>
    public void Add(DateTimeOffset at, long end, long stored, long rejected)
    {
        looks.AddLast((at, end, stored, rejected));

        // The first look whose end is not stored is the oldest that matters; and one before it, as the bound.
        while (looks.Count > 2 && looks.First!.Next!.Value.End <= stored && at - looks.First.Next.Value.At > RateWindow)
        {
            looks.RemoveFirst();
        }

        while (looks.Count > 3700)
        {
            looks.Remove(looks.First!.Next!);
        }
    }

    /// <summary>Records received a second.</summary>
    public double ReceivedRate => Rate(look => look.End);

    /// <summary>Records stored a second.</summary>
    public double StoredRate => Rate(look => look.Stored);

    /// <summary>Records rejected a second.</summary>
    public double RejectedRate => Rate(look => look.Rejected);

    /// <summary>Age of the oldest record that is not stored; null when everything is.</summary>
    public TimeSpan? OldestWaiting
    {
        get
        {
            if (looks.Last is not { Value: var last } || last.Stored >= last.End)
            {
                return null;
            }

            var bound = last.At;
            for (var node = looks.Last; node is not null; node = node.Previous)
            {
                bound = node.Value.At;
                if (node.Value.End <= last.Stored)
                {
                    break;
                }
            }

            return last.At - bound;
        }
    }

    private double Rate(Func<(DateTimeOffset At, long End, long Stored, long Rejected), long> of)
    {
        if (looks.Last is not { Value: var last })
        {
            return 0;
        }

        var first = last;
        for (var node = looks.Last.Previous; node is not null && last.At - node.Value.At <= RateWindow; node = node.Previous)
        {
            first = node.Value;
        }

        var seconds = (last.At - first.At).TotalSeconds;
        return seconds > 0 ? Math.Max(0, (of(last) - of(first)) / seconds) : 0;
    }
}
