using System.IO.Hashing;
using System.Text;

namespace LogPipeline.Core.Live.Rolling;

/// <summary>Numbers the distinct values of a column, compared as UTF-8, without making strings of known ones.</summary>
internal sealed class ValueDictionary
{
    /// <summary>Number of the absent value.</summary>
    public const int None = 0;

    /// <summary>Number of all values that found no room.</summary>
    public const int Other = 1;

    public const string OtherName = "(other)";
    private const int MaxBytes = 1_024;
    private readonly int capacity;
    private readonly KeyIndex<ulong> hashes = new();
    private readonly List<byte[]> bytes = [];
    private readonly List<string?> names = [];

    /// <summary>Makes one that holds at most <paramref name="capacity"/> values beside the two fixed ones.</summary>
    public ValueDictionary(int capacity)
    {
        this.capacity = capacity + 2;
        // The first two numbers are taken by keys that no value is looked up with.
        hashes.GetOrAdd(0, out _);
        hashes.GetOrAdd(1, out _);
        bytes.AddRange([[], Encoding.UTF8.GetBytes(OtherName)]);
        names.AddRange([null, OtherName]);
    }

    public int Count => names.Count;

    public bool IsFull => names.Count >= capacity;

    /// <summary>The value of a number; null for <see cref="None"/>.</summary>
    public string? this[int id] => names[id];

    public ReadOnlySpan<byte> BytesOf(int id) => bytes[id];

    public static ulong HashOf(ReadOnlySpan<byte> value)
    {
        var hash = XxHash3.HashToUInt64(value);
        return hash < 2 ? hash + 2 : hash;
    }

    /// <summary>The number of a value. Two values of one 64-bit hash count as one.</summary>
    public int IdOf(ReadOnlySpan<byte> value, ulong hash)
    {
        var id = hashes.Find(hash);
        if (id >= 0)
        {
            return id;
        }

        if (IsFull || value.Length > MaxBytes)
        {
            return Other;
        }

        id = hashes.GetOrAdd(hash, out _);
        bytes.Add(value.ToArray());
        names.Add(Encoding.UTF8.GetString(value));
        return id;
    }

    public int IdOf(ReadOnlySpan<byte> value) => IdOf(value, HashOf(value));
}
