using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Ingest.Formats;

/// <summary>Finds the column of a field by the bytes of its name. Producers repeat their order, so the answer of last time is tried first.</summary>
internal sealed class FieldMatcher
{
    private readonly byte[][] names;
    private readonly int[] table;
    private readonly int[] predicted = new int[64];

    // Each name with the quote behind it, in the first bytes of a vector; a mask of zero says that the name is too long for one.
    private readonly (Vector128<byte> Bytes, Vector128<byte> Mask)[] quoted;

    public FieldMatcher(StreamSchema schema)
    {
        names = [.. schema.Columns.Select(column => Encoding.UTF8.GetBytes(column.Name))];
        var size = 16;
        while (size < names.Length * 8)
        {
            size *= 2;
        }

        quoted = [.. names.Select(Quoted)];
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

    /// <summary>The column that is predicted for an ordinal, when its name and a quote stand in <paramref name="record"/> at a place; otherwise -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Predict(ReadOnlySpan<byte> record, int at, int ordinal, out int length)
    {
        length = 0;
        if ((uint)ordinal >= (uint)predicted.Length || record.Length - at < Vector128<byte>.Count)
        {
            return -1;
        }

        var guess = predicted[ordinal];
        ref readonly var name = ref quoted[guess];
        var found = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(record), (nuint)at);
        if (((found ^ name.Bytes) & name.Mask) != Vector128<byte>.Zero || name.Mask == Vector128<byte>.Zero)
        {
            return -1;
        }

        length = names[guess].Length;
        return guess;
    }

    private static (Vector128<byte> Bytes, Vector128<byte> Mask) Quoted(byte[] name)
    {
        if (name.Length >= Vector128<byte>.Count)
        {
            return default;
        }

        Span<byte> bytes = stackalloc byte[Vector128<byte>.Count];
        Span<byte> mask = stackalloc byte[Vector128<byte>.Count];
        name.CopyTo(bytes);
        bytes[name.Length] = (byte)'"';
        mask[..(name.Length + 1)].Fill(0xFF);
        return (Vector128.Create<byte>(bytes), Vector128.Create<byte>(mask));
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
