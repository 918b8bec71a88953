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
    private const int MaxKnown = 1 << 18;
    private readonly KeyIndex<ulong> known = new();
    private readonly ShortValues levels = new();
    private readonly ShortValues methods = new();
    private int[] knownCombos = [];
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
        var id = levels.Find(level);
        return id >= 0 ? id : levels.Keep(level, FindLevel(level));
    }

    public int MethodOf(ReadOnlySpan<byte> method)
    {
        var id = methods.Find(method);
        return id >= 0 ? id : methods.Keep(method, Methods.IdOf(method));
    }

    /// <summary>The combination of an event, looked up at once. Status: 0 for none, below 1,024.</summary>
    public int ComboOf(int level, int source, int endpoint, int status)
    {
        var key = ((ulong)level << 58) | ((ulong)source << 40) | ((ulong)endpoint << StatusBits) | (uint)status;
        var at = known.Find(key);
        if (at >= 0)
        {
            return knownCombos[at];
        }

        if (known.Count == MaxKnown)
        {
            known.Clear();
        }

        var combo = ComboOf(GroupOf(level, source, endpoint), status);
        at = known.GetOrAdd(key, out _);
        if (at >= knownCombos.Length)
        {
            System.Array.Resize(ref knownCombos, known.Capacity);
        }

        knownCombos[at] = combo;
        return combo;
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

    private int FindLevel(ReadOnlySpan<byte> level)
    {
        Span<byte> upper = stackalloc byte[32];
        if (level.Length > upper.Length)
        {
            return ValueDictionary.Other;
        }

        Ascii.ToUpper(level, upper, out var length);
        return length == level.Length ? Levels.IdOf(upper[..length]) : Levels.IdOf(level);
    }
}

/// <summary>Numbers of values of at most eight bytes, found by comparing one word. A value that loses its place is looked up again.</summary>
internal sealed class ShortValues
{
    private readonly ulong[] words = new ulong[64];
    private readonly int[] ids = new int[64];

    public int Find(ReadOnlySpan<byte> value)
    {
        var word = WordOf(value);
        var place = PlaceOf(word);
        return word != 0 && words[place] == word ? ids[place] : -1;
    }

    public int Keep(ReadOnlySpan<byte> value, int id)
    {
        var word = WordOf(value);
        if (word != 0)
        {
            words[PlaceOf(word)] = word;
            ids[PlaceOf(word)] = id;
        }

        return id;
    }

    private static int PlaceOf(ulong word) => (int)((word * 0x9E3779B97F4A7C15UL) >> 58);

    /// <summary>The bytes as one number; 0 for values that are empty, too long or have a zero byte, which could be taken for shorter ones.</summary>
    private static ulong WordOf(ReadOnlySpan<byte> value)
    {
        if (value.Length is 0 or > 8)
        {
            return 0;
        }

        var word = 0UL;
        foreach (var part in value)
        {
            if (part == 0)
            {
                return 0;
            }

            word = (word << 8) | part;
        }

        return word;
    }
}
