using System.Text;

namespace LogPipeline.Core.Live.Rolling;

/// <summary>What a group stands for.</summary>
internal readonly record struct Group(int Level, int Source, int Endpoint, LevelClass Class);

/// <summary>What a combination stands for: a group and a status (0 for none).</summary>
internal readonly record struct Combo(int Group, short Status, LevelClass Class, bool IsError);

/// <summary>Numbers for the values that metrics are kept by, and for their combinations. All are bounded.</summary>
internal sealed class Catalog
{
    public const int MaxLevels = 30;
    public const int MaxMethods = 14;
    private const int MaxGroups = 60_000;
    private const int MaxCombos = 120_000;
    private const int StatusBits = 10;
    private readonly KeyIndex<ulong> groupKeys = new();
    private readonly KeyIndex<uint> comboKeys = new();
    private Group[] groups = [];
    private Combo[] combos = [];

    public Catalog(int maxSources, int maxEndpoints)
    {
        Sources = new ValueDictionary(maxSources);
        Endpoints = new ValueDictionary(maxEndpoints);
    }

    public ValueDictionary Levels { get; } = new(MaxLevels);

    public ValueDictionary Methods { get; } = new(MaxMethods);

    public ValueDictionary Sources { get; }

    public ValueDictionary Endpoints { get; }

    public ReadOnlySpan<Group> Groups => groups.AsSpan(0, groupKeys.Count);

    public ReadOnlySpan<Combo> Combos => combos.AsSpan(0, comboKeys.Count);

    /// <summary>Whether values were counted under (other) for want of room that a compaction can make.</summary>
    public bool IsFull => Endpoints.IsFull || Sources.IsFull || groupKeys.Count >= MaxGroups || comboKeys.Count >= MaxCombos;

    /// <summary>The number of a level: upper and lower case are one.</summary>
    public int LevelOf(ReadOnlySpan<byte> level)
    {
        Span<byte> upper = stackalloc byte[32];
        if (level.Length > upper.Length)
        {
            return ValueDictionary.Other;
        }

        Ascii.ToUpper(level, upper, out var length);
        return length == level.Length ? Levels.IdOf(upper[..length]) : Levels.IdOf(level);
    }

    public int GroupOf(int level, int source, int endpoint)
    {
        var key = ((ulong)level << 48) | ((ulong)source << 24) | (uint)endpoint;
        var id = groupKeys.Find(key);
        if (id >= 0)
        {
            return id;
        }

        // Room is kept for each level with (other), so that an event always has a group.
        if (groupKeys.Count >= MaxGroups && (source != ValueDictionary.Other || endpoint != ValueDictionary.Other))
        {
            return GroupOf(level, ValueDictionary.Other, ValueDictionary.Other);
        }

        id = groupKeys.GetOrAdd(key, out _);
        if (id >= groups.Length)
        {
            System.Array.Resize(ref groups, groupKeys.Capacity);
        }

        groups[id] = new Group(level, source, endpoint, Live.Levels.ClassOf(Levels.BytesOf(level)));
        return id;
    }

    public int ComboOf(int group, int status)
    {
        var key = ((uint)group << StatusBits) | (uint)status;
        var id = comboKeys.Find(key);
        if (id >= 0)
        {
            return id;
        }

        var info = groups[group];
        if (comboKeys.Count >= MaxCombos && (info.Source != ValueDictionary.Other || info.Endpoint != ValueDictionary.Other))
        {
            return ComboOf(GroupOf(info.Level, ValueDictionary.Other, ValueDictionary.Other), status);
        }

        id = comboKeys.GetOrAdd(key, out _);
        if (id >= combos.Length)
        {
            System.Array.Resize(ref combos, comboKeys.Capacity);
        }

        combos[id] = new Combo(group, (short)status, info.Class, info.Class == LevelClass.Error || status >= 500);
        return id;
    }
}
