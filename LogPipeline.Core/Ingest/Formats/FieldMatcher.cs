using System.Text;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Ingest.Formats;

/// <summary>Finds the column of a field by the bytes of its name. Producers repeat their order, so the answer of last time is tried first.</summary>
internal sealed class FieldMatcher
{
    private readonly byte[][] names;
    private readonly int[] table;
    private readonly int[] predicted = new int[64];

    public FieldMatcher(StreamSchema schema)
    {
        names = [.. schema.Columns.Select(column => Encoding.UTF8.GetBytes(column.Name))];
        var size = 16;
        while (size < names.Length * 8)
        {
            size *= 2;
        }

        table = new int[size];
        for (var index = 0; index < names.Length; index++)
        {
            var slot = Hash(names[index]) & (size - 1);
            while (table[slot] != 0)
            {
                slot = (slot + 1) & (size - 1);
            }

            table[slot] = index + 1;
        }
    }

    /// <summary>The column of the field that stands at an ordinal within its event, or -1.</summary>
    public int Match(ReadOnlySpan<byte> name, int ordinal)
    {
        if ((uint)ordinal < (uint)predicted.Length)
        {
            var guess = predicted[ordinal];
            if ((uint)guess < (uint)names.Length && name.SequenceEqual(names[guess]))
            {
                return guess;
            }

            var found = Find(name);
            if (found >= 0)
            {
                predicted[ordinal] = found;
            }

            return found;
        }

        return Find(name);
    }

    private int Find(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
        {
            return -1;
        }

        for (var slot = Hash(name) & (table.Length - 1); table[slot] != 0; slot = (slot + 1) & (table.Length - 1))
        {
            if (name.SequenceEqual(names[table[slot] - 1]))
            {
                return table[slot] - 1;
            }
        }

        return -1;
    }

    private static int Hash(ReadOnlySpan<byte> name) => (name.Length * 37) + (name[0] * 11) + (name[^1] * 3) + name[name.Length / 2];
}
