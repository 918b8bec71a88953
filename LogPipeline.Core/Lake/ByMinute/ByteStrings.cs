using System.IO.Hashing;

namespace LogPipeline.Core.Lake.ByMinute;

/// <summary>Numbers strings in the order of their first appearance, by their UTF-8 bytes.</summary>
internal sealed class ByteStrings
{
    /// <summary>Number of the string that is not there.</summary>
    public const int Null = -1;

    private readonly List<byte[]> values = [];
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> numbers =
        new Dictionary<byte[], int>(new Comparer()).GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>How many strings have a number.</summary>
    public int Count => values.Count;

    /// <summary>The number of a string; a new one for a new string.</summary>
    public int NumberOf(ReadOnlySpan<byte> value)
    {
        if (!numbers.TryGetValue(value, out var number))
        {
            number = values.Count;
            values.Add(value.ToArray());
            numbers[value] = number;
        }

        return number;
    }

    /// <summary>The bytes of a string by its number.</summary>
    public ReadOnlySpan<byte> this[int number] => values[number];

    private sealed class Comparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate) => (int)XxHash3.HashToUInt64(alternate);

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
