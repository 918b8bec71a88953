namespace LogPipeline.Core.Live.Rolling;

/// <summary>The blocks of the last hour, of the hour before and of the next five minutes, within a budget of memory.</summary>
internal sealed class BlockRing(long budgetBytes)
{
    public const int HourSeconds = 3_600;
    public const int AheadSeconds = 300;
    private const int Size = (((2 * HourSeconds) + AheadSeconds) / TimeBlock.Length) + 2;
    private const int BlocksPerMinute = 6;
    private readonly TimeBlock?[] blocks = new TimeBlock?[Size];
    private readonly List<TimeBlock> open = [];
    private long version;
    private long newest = long.MinValue;
    private long foldedBefore = long.MinValue;

    /// <summary>Metrics before this second were dropped for want of memory.</summary>
    public long DroppedBefore { get; private set; } = long.MinValue;

    public long Version => version;

    public IEnumerable<TimeBlock> All => blocks.OfType<TimeBlock>();

    public TimeBlock? Find(long number)
    {
        var block = number < 0 ? null : blocks[number % Size];
        return block?.Number == number ? block : null;
    }

    /// <summary>The block to add to; null when its place is taken by a later one.</summary>
    public TimeBlock? Touch(long number)
    {
        ref var place = ref blocks[number % Size];
        if (place is null || place.Number < number)
        {
            place = new TimeBlock(number);
            open.Add(place);
            newest = Math.Max(newest, number);
        }

        if (place.Number != number)
        {
            return null;
        }

        place.Version = ++version;
        return place;
    }

    /// <summary>What covers seconds <paramref name="from"/> to <paramref name="to"/>, both included, in as few slices as there are.</summary>
    /// <remarks>Of a folded block that is wanted in part, the part that begins it stands for all of it.</remarks>
    public void Slices(long from, long to, List<Slice> into)
    {
        for (var number = Math.Max(0, from / TimeBlock.Length); number <= to / TimeBlock.Length; number++)
        {
            if (Find(number) is not { } block)
            {
                continue;
            }

            var first = Math.Max(0, from - block.FirstSecond);
            var last = Math.Min(TimeBlock.Length - 1, to - block.FirstSecond);
            if (block.Whole is { } whole && ((first == 0 && last == TimeBlock.Length - 1) || block.Seconds is null))
            {
                if (first == 0)
                {
                    into.Add(whole);
                }

                continue;
            }

            for (var second = first; second <= last; second++)
            {
                if (block.Seconds![second] is { } slice)
                {
                    into.Add(slice);
                }
            }
        }
    }

    /// <summary>Sums up the blocks that are over and keeps within the budget.</summary>
    public void Settle(long nowBlock)
    {
        var over = Math.Min(newest, nowBlock) - 2;
        if (open.RemoveAll(block => CloseIfOver(block, over)) == 0)
        {
            return;
        }

        var fold = nowBlock - (HourSeconds / TimeBlock.Length) - 2;
        foreach (var block in All)
        {
            if (block.Number < fold && block.Number >= foldedBefore)
            {
                Fold(block);
            }
        }

        foldedBefore = fold;
        KeepBudget(nowBlock);
    }

    /// <summary>Gives every slice what <paramref name="change"/> makes of it.</summary>
    public void Rewrite(Action<Slice, Slice> change)
    {
        foreach (var block in All)
        {
            block.Version = ++version;
            for (var i = 0; i < block.Seconds?.Length; i++)
            {
                if (block.Seconds[i] is { } second)
                {
                    block.Seconds[i] = Changed(second, Slice.SessionsOfASecond, change);
                }
            }

            if (block.Whole is { } whole)
            {
                block.SetWhole(Changed(whole, Slice.SessionsOfABlock, change));
            }
        }
    }

    private static Slice Changed(Slice slice, int sessions, Action<Slice, Slice> change)
    {
        var changed = new Slice(sessions);
        change(slice, changed);
        return changed;
    }

    private static bool CloseIfOver(TimeBlock block, long over)
    {
        if (block.Number > over)
        {
            return false;
        }

        block.Close();
        return true;
    }

    private void Fold(TimeBlock block)
    {
        if (block.Seconds is not null)
        {
            block.Fold();
            block.Version = ++version;
        }
    }

    private void KeepBudget(long nowBlock)
    {
        var bytes = All.Sum(block => block.Bytes);
        if (bytes <= budgetBytes)
        {
            return;
        }

        // Make some room at once, so that this does not run for every block.
        var goal = budgetBytes * 9 / 10;
        var oldestFirst = All.Where(block => block.Number < nowBlock - 3).OrderBy(block => block.Number).ToList();
        foreach (var block in oldestFirst)
        {
            if (bytes <= goal)
            {
                return;
            }

            bytes -= block.Bytes;
            Fold(block);
            bytes += block.Bytes;
        }

        foreach (var minute in oldestFirst.GroupBy(block => block.Number / BlocksPerMinute).TakeWhile(_ => bytes > goal))
        {
            bytes -= minute.Sum(block => block.Bytes);
            MergeShapes([.. minute]);
            bytes += minute.Sum(block => block.Bytes);
        }

        foreach (var block in oldestFirst.TakeWhile(_ => bytes > goal))
        {
            bytes -= block.Bytes;
            blocks[block.Number % Size] = null;
            version++;
            DroppedBefore = block.FirstSecond + TimeBlock.Length;
        }
    }

    /// <summary>Moves the histograms and sessions of a minute into its first block.</summary>
    private void MergeShapes(List<TimeBlock> minute)
    {
        var shapes = new Slice(Slice.SessionsOfABlock);
        foreach (var block in minute)
        {
            shapes.AddShapes(block.Whole!);
            var cells = new Slice(Slice.SessionsOfABlock);
            cells.Cells.Add(block.Whole!.Cells);
            cells.Trim();
            block.SetWhole(cells);
            block.Version = ++version;
        }

        minute[0].Whole!.AddShapes(shapes);
        minute[0].Whole!.Trim();
    }
}
