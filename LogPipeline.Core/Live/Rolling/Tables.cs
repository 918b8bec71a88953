using System.Numerics;

namespace LogPipeline.Core.Live.Rolling;

/// <summary>Sums of the events of one combination within one stretch of time.</summary>
internal struct Cell
{
    public uint Requests;
    public uint Timed;
    public uint Sized;
    public double ResponseMs;
    public long Bytes;

    public void Add(in Cell other)
    {
        Requests += other.Requests;
        Timed += other.Timed;
        Sized += other.Sized;
        ResponseMs += other.ResponseMs;
        Bytes += other.Bytes;
    }
}

/// <summary>Sums by combination.</summary>
internal sealed class CellTable
{
    private readonly KeyIndex<uint> index = new();
    private Cell[] cells = [];

    public ReadOnlySpan<uint> Combos => index.Keys;

    public ReadOnlySpan<Cell> Cells => cells.AsSpan(0, index.Count);

    public unsafe long Bytes => index.Bytes + ((long)cells.Length * sizeof(Cell));

    public ref Cell this[uint combo]
    {
        get
        {
            var at = index.GetOrAdd(combo, out var added);
            if (added && at >= cells.Length)
            {
                System.Array.Resize(ref cells, index.Capacity);
            }

            return ref cells[at];
        }
    }

    public void Add(CellTable other)
    {
        for (var i = 0; i < other.Combos.Length; i++)
        {
            this[other.Combos[i]].Add(other.Cells[i]);
        }
    }

    public void Trim()
    {
        index.Trim();
        System.Array.Resize(ref cells, index.Count);
    }
}

/// <summary>Counts by a 32-bit key: a group and a bin of its histogram, or a combination.</summary>
internal sealed class CountTable
{
    private readonly KeyIndex<uint> index = new();
    private uint[] counts = [];

    public ReadOnlySpan<uint> Keys => index.Keys;

    public ReadOnlySpan<uint> Counts => counts.AsSpan(0, index.Count);

    public long Bytes => index.Bytes + (counts.Length * 4L);

    public void Add(uint key, uint count)
    {
        var at = index.GetOrAdd(key, out var added);
        if (added)
        {
            if (at >= counts.Length)
            {
                System.Array.Resize(ref counts, index.Capacity);
            }

            counts[at] = 0;
        }

        counts[at] += count;
    }

    public void Add(CountTable other)
    {
        for (var i = 0; i < other.Keys.Length; i++)
        {
            Add(other.Keys[i], other.Counts[i]);
        }
    }

    public void Clear() => index.Clear();

    public void Trim()
    {
        index.Trim();
        System.Array.Resize(ref counts, index.Count);
    }
}

/// <summary>Distinct sessions, each with the group it was seen in; above a size only a known share of them.</summary>
/// <remarks>
/// A key is 48 bits of the session's hash above 16 bits of its group. At level L only hashes with L low zero bits are kept,
/// so a distinct count times 2^L estimates all of them, for any choice of groups; at level 0 it is exact.
/// </remarks>
internal sealed class SessionSet(int capacity)
{
    public const int GroupBits = 16;
    private KeyIndex<ulong> index = new();

    public int Level { get; private set; }

    public ReadOnlySpan<ulong> Keys => index.Keys;

    public long Bytes => index.Bytes;

    public static bool IsKept(ulong key, int level) => ((key >> GroupBits) & ((1UL << level) - 1)) == 0;

    public void Add(ulong key)
    {
        if (!IsKept(key, Level))
        {
            return;
        }

        index.GetOrAdd(key, out var added);
        while (added && index.Count > capacity)
        {
            Raise(Level + 1);
        }
    }

    public void Add(SessionSet other)
    {
        if (other.Level > Level)
        {
            Raise(other.Level);
        }

        foreach (var key in other.Keys)
        {
            Add(key);
        }
    }

    /// <summary>Adds another set with new numbers for its groups.</summary>
    public void Renumber(SessionSet other, ReadOnlySpan<int> groups)
    {
        Raise(other.Level);
        foreach (var key in other.Keys)
        {
            Add((key & ~((1UL << GroupBits) - 1)) | (uint)groups[(int)(key & ((1UL << GroupBits) - 1))]);
        }
    }

    public void Clear()
    {
        index.Clear();
        Level = 0;
    }

    public void Trim() => index.Trim();

    private void Raise(int level)
    {
        Level = level;
        var kept = new KeyIndex<ulong>();
        foreach (var key in index.Keys)
        {
            if (IsKept(key, level))
            {
                kept.GetOrAdd(key, out _);
            }
        }

        index = kept;
    }
}
