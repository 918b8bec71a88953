using LogPipeline.Core.Percentiles;

namespace LogPipeline.Core.Live.Rolling;

/// <summary>Sums over a stretch of time for one filter. Reused: <see cref="Clear"/> before each use.</summary>
internal sealed class Aggregate
{
    private readonly KeyIndex<ulong> distinct = new();
    private readonly KeyIndex<ulong> other = new();
    private readonly List<Slice> slices = [];
    private int sessionLevel;

    public long[] Bins { get; } = new long[ResponseBins.Count];

    public Sums Sums;

    /// <summary>Distinct sessions, and whether no sampling was needed to count them.</summary>
    public (long Count, bool Exact) Sessions => ((long)distinct.Count << sessionLevel, sessionLevel == 0);

    public void Clear()
    {
        Sums = default;
        System.Array.Clear(Bins);
        distinct.Clear();
        sessionLevel = 0;
    }

    /// <summary>Adds seconds <paramref name="from"/> to <paramref name="to"/>, both included.</summary>
    public void Add(BlockRing blocks, Catalog catalog, byte[]? pass, long from, long to)
    {
        slices.Clear();
        blocks.Slices(from, to, slices);
        foreach (var slice in slices)
        {
            AddCells(slice.Cells, catalog.Combos, pass);
            AddTimes(slice.Times, pass);
            AddSessions(slice.Sessions, pass);
        }
    }

    /// <summary>Adds the sessions of seconds <paramref name="from"/> to <paramref name="to"/>, both included.</summary>
    public void AddSessions(BlockRing blocks, byte[]? pass, long from, long to)
    {
        slices.Clear();
        blocks.Slices(from, to, slices);
        foreach (var slice in slices)
        {
            AddSessions(slice.Sessions, pass);
        }
    }

    private void AddSessions(SessionSet sessions, byte[]? pass)
    {
        if (sessions.Level > sessionLevel)
        {
            Raise(sessions.Level);
        }

        foreach (var key in sessions.Keys)
        {
            if ((pass is null || pass[(int)(key & 0xFFFF)] != 0) && SessionSet.IsKept(key, sessionLevel))
            {
                distinct.GetOrAdd(key >> SessionSet.GroupBits, out _);
            }
        }
    }

    /// <summary>Adds what another stretch was summed up to; its sessions cannot be.</summary>
    public void Add(in Sums sums, ReadOnlySpan<uint> bins, int firstBin)
    {
        Sums.Add(sums);
        for (var i = 0; i < bins.Length; i++)
        {
            Bins[firstBin + i] += bins[i];
        }
    }

    private void AddCells(CellTable table, ReadOnlySpan<Combo> combos, byte[]? pass)
    {
        var keys = table.Combos;
        var cells = table.Cells;
        for (var i = 0; i < keys.Length; i++)
        {
            ref readonly var combo = ref combos[(int)keys[i]];
            if (pass is null || pass[combo.Group] != 0)
            {
                Sums.Add(cells[i], combo);
            }
        }
    }

    private void AddTimes(CountTable table, byte[]? pass)
    {
        var keys = table.Keys;
        var counts = table.Counts;
        var bins = Bins;
        if (pass is null)
        {
            for (var i = 0; i < keys.Length; i++)
            {
                bins[keys[i] & ((1 << ResponseBins.Bits) - 1)] += counts[i];
            }

            return;
        }

        for (var i = 0; i < keys.Length; i++)
        {
            var take = pass[keys[i] >> ResponseBins.Bits];
            bins[keys[i] & ((1 << ResponseBins.Bits) - 1)] += counts[i] * take;
        }
    }

    private void Raise(int level)
    {
        sessionLevel = level;
        other.Clear();
        foreach (var hash in distinct.Keys)
        {
            if (SessionSet.IsKept(hash << SessionSet.GroupBits, level))
            {
                other.GetOrAdd(hash, out _);
            }
        }

        distinct.Clear();
        foreach (var hash in other.Keys)
        {
            distinct.GetOrAdd(hash, out _);
        }
    }
}

/// <summary>The sums that add up.</summary>
internal struct Sums
{
    public long Requests;
    public long Errors;
    public long Status2xx;
    public long Status3xx;
    public long Status4xx;
    public long Status5xx;
    public long Debug;
    public long Info;
    public long Warn;
    public long Error;
    public long Bytes;
    public long Sized;
    public long Timed;
    public double ResponseMs;

    public void Add(in Cell cell, in Combo combo)
    {
        Requests += cell.Requests;
        Errors += combo.IsError ? cell.Requests : 0;
        switch (combo.Status / 100)
        {
            case 1 or 2: Status2xx += cell.Requests; break;
            case 3: Status3xx += cell.Requests; break;
            case 4: Status4xx += cell.Requests; break;
            case 5: Status5xx += cell.Requests; break;
            default: break;
        }

        switch (combo.Class)
        {
            case LevelClass.Debug: Debug += cell.Requests; break;
            case LevelClass.Warn: Warn += cell.Requests; break;
            case LevelClass.Error: Error += cell.Requests; break;
            default: Info += cell.Requests; break;
        }

        Bytes += cell.Bytes;
        Sized += cell.Sized;
        Timed += cell.Timed;
        ResponseMs += cell.ResponseMs;
    }

    public void Add(in Sums other)
    {
        Requests += other.Requests;
        Errors += other.Errors;
        Status2xx += other.Status2xx;
        Status3xx += other.Status3xx;
        Status4xx += other.Status4xx;
        Status5xx += other.Status5xx;
        Debug += other.Debug;
        Info += other.Info;
        Warn += other.Warn;
        Error += other.Error;
        Bytes += other.Bytes;
        Sized += other.Sized;
        Timed += other.Timed;
        ResponseMs += other.ResponseMs;
    }
}
