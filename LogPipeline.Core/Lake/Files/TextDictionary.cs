using System.Buffers;
using System.IO.Hashing;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Apache.Arrow;
using Apache.Arrow.Memory;
using Apache.Arrow.Types;

namespace LogPipeline.Core.Lake.Files;

/// <summary>The distinct texts of one column in the order met, and for each row which one it holds.</summary>
/// <remarks>
/// Parquet's own encoder finds the distinct texts with a general hash table, which took more than half of the time to write
/// a file. This one compares most texts with one vector instruction and hands the encoder the finished dictionary.
/// Texts that hardly repeat are not worth it: <see cref="TryAdd"/> then gives up.
/// </remarks>
internal sealed class TextDictionary : IDisposable
{
    // Beyond this, Parquet's encoder would fall back to plain values.
    private const int MaxTextBytes = 1 << 20;
    private const int Lane = 32;
    private const int StartSlots = 2048;

    // The first n bytes set.
    private static readonly Vector256<byte>[] Masks =
        [.. Enumerable.Range(0, Lane + 1).Select(length => Vector256.LessThan(Vector256.CreateSequence<byte>(0, 1), Vector256.Create((byte)length)))];

    // Senders choose the texts: without a secret they could choose ones that all collide.
    private static readonly Vector256<ulong> Secret = Vector256.Create<byte>(RandomNumberGenerator.GetBytes(Lane)).AsUInt64();

    private readonly byte[] indices;
    private readonly int capacity;
    private byte[] validity = [];
    private byte[] text = ArrayPool<byte>.Shared.Rent(1024);
    private int[] ends = ArrayPool<int>.Shared.Rent(128);
    private Slot[] slots;
    private int count;
    private int rows;
    private int nulls;

    /// <summary>Starts a column.</summary>
    /// <param name="capacity">Rows to come at most; at least one.</param>
    public TextDictionary(int capacity)
    {
        this.capacity = capacity;
        indices = ArrayPool<byte>.Shared.Rent(capacity * sizeof(int));
        slots = new Slot[Math.Min((int)BitOperations.RoundUpToPowerOf2((uint)capacity) * 2, StartSlots)];
        ends[0] = 0;
    }

    /// <summary>The Arrow type of <see cref="ToArray"/>.</summary>
    public static DictionaryType Type { get; } = new(Int32Type.Default, StringType.Default, ordered: false);

    /// <summary>Adds rows. False when the texts hardly repeat; the dictionary is then of no use.</summary>
    public bool TryAdd(ArrayData column)
    {
        var offsets = MemoryMarshal.Cast<byte, int>(column.Buffers[1].Span).Slice(column.Offset, column.Length + 1);
        var values = column.Buffers[2].Span;
        var valid = column.NullCount == 0 ? default : column.Buffers[0].Span;
        if (!valid.IsEmpty)
        {
            MarkNulls(column, valid);
        }

        AddRows(offsets, values, valid, column.Offset);
        return ends[count] <= MaxTextBytes && count <= Math.Max(1024, capacity / 2);
    }

    /// <summary>The column. Its buffers are this dictionary's: it ends with it.</summary>
    public DictionaryArray ToArray()
    {
        var dictionary = new StringArray(new ArrayData(
            StringType.Default, count, 0, 0, [ArrowBuffer.Empty, new ArrowBuffer(MemoryMarshal.AsBytes(ends.AsSpan(0, count + 1)).ToArray()), new ArrowBuffer(text.AsMemory(0, ends[count]))]));
        var bits = nulls == 0 ? ArrowBuffer.Empty : new ArrowBuffer(validity.AsMemory(0, BitUtility.ByteCount(rows)));
        var keys = new Int32Array(new ArrowBuffer(indices.AsMemory(0, rows * sizeof(int))), bits, rows, nulls, 0);
        return new DictionaryArray(Type, keys, dictionary);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(indices);
        ArrayPool<int>.Shared.Return(ends);
        ArrayPool<byte>.Shared.Return(text);
    }

    private void MarkNulls(ArrayData column, ReadOnlySpan<byte> valid)
    {
        if (validity.Length == 0)
        {
            validity = new byte[BitUtility.ByteCount(capacity)];
            validity.AsSpan().Fill(0xFF);
        }

        for (var row = 0; row < column.Length; row++)
        {
            // Counted here: of a slice, the array's own count may be unknown.
            if (!BitUtility.GetBit(valid, column.Offset + row))
            {
                BitUtility.ClearBit(validity, rows + row);
                nulls++;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddRows(ReadOnlySpan<int> offsets, ReadOnlySpan<byte> values, ReadOnlySpan<byte> valid, int firstBit)
    {
        var last = -1;
        var target = MemoryMarshal.Cast<byte, int>(indices.AsSpan(0, capacity * sizeof(int))).Slice(rows, offsets.Length - 1);
        for (var row = 0; row < target.Length; row++)
        {
            if (!valid.IsEmpty && !BitUtility.GetBit(valid, firstBit + row))
            {
                target[row] = 0;
                continue;
            }

            var start = offsets[row];
            var length = offsets[row + 1] - start;
            // Neighbours are often equal, and long texts more often than short ones.
            if (last < 0 || length <= Lane || !TextOf(last).SequenceEqual(values.Slice(start, length)))
            {
                last = IndexOf(values, start, length);
            }

            target[row] = last;
        }

        rows += target.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int IndexOf(ReadOnlySpan<byte> values, int start, int length)
    {
        if (length > Lane || values.Length - start < Lane)
        {
            return IndexOfAny(values.Slice(start, length));
        }

        var bytes = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(values), (nuint)start) & Masks[length];
        var hash = HashOf(bytes, length);
        for (var slot = hash & (uint)(slots.Length - 1); ; slot = (slot + 1) & (uint)(slots.Length - 1))
        {
            ref var one = ref slots[slot];
            if (one.Number == 0)
            {
                return Insert(values.Slice(start, length), hash);
            }

            if (one.Hash == hash)
            {
                // The text has room for a lane behind every entry.
                var index = one.Number - 1;
                var at = ends[index];
                if (ends[index + 1] - at == length
                    && (Vector256.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(text), (nuint)at) & Masks[length]) == bytes)
                {
                    return index;
                }
            }
        }
    }

    private int IndexOfAny(ReadOnlySpan<byte> value)
    {
        uint hash;
        if (value.Length <= Lane)
        {
            Span<byte> padded = stackalloc byte[Lane];
            padded.Clear();
            value.CopyTo(padded);
            hash = HashOf(Vector256.Create<byte>(padded), value.Length);
        }
        else
        {
            hash = (uint)XxHash3.HashToUInt64(value, (long)Secret[0]);
        }

        for (var slot = hash & (uint)(slots.Length - 1); ; slot = (slot + 1) & (uint)(slots.Length - 1))
        {
            ref var one = ref slots[slot];
            if (one.Number == 0)
            {
                return Insert(value, hash);
            }

            if (one.Hash == hash && TextOf(one.Number - 1).SequenceEqual(value))
            {
                return one.Number - 1;
            }
        }
    }

    private ReadOnlySpan<byte> TextOf(int index) => text.AsSpan(ends[index], ends[index + 1] - ends[index]);

    private int Insert(ReadOnlySpan<byte> value, uint hash)
    {
        var end = ends[count];
        if (end + value.Length + Lane > text.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(text.Length * 2, end + value.Length + Lane));
            text.AsSpan(0, end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(text);
            text = larger;
        }

        if (count + 2 > ends.Length)
        {
            var more = ArrayPool<int>.Shared.Rent(ends.Length * 2);
            ends.AsSpan(0, count + 1).CopyTo(more);
            ArrayPool<int>.Shared.Return(ends);
            ends = more;
        }

        value.CopyTo(text.AsSpan(end));
        ends[count + 1] = end + value.Length;
        count++;
        if (count * 2 > slots.Length)
        {
            Rehash();
        }

        Place(slots, new Slot { Hash = hash, Number = count });
        return count - 1;
    }

    private void Rehash()
    {
        var larger = new Slot[slots.Length * 2];
        foreach (var slot in slots)
        {
            if (slot.Number != 0)
            {
                Place(larger, slot);
            }
        }

        slots = larger;
    }

    private static void Place(Slot[] slots, Slot one)
    {
        var at = one.Hash & (uint)(slots.Length - 1);
        while (slots[at].Number != 0)
        {
            at = (at + 1) & (uint)(slots.Length - 1);
        }

        slots[at] = one;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint HashOf(Vector256<byte> bytes, int length)
    {
        // Multiply and fold: each half of a product depends on every bit of both factors.
        var words = bytes.AsUInt64() ^ Secret;
        var low = Math.BigMul(words[0], words[1], out var lowBits);
        var high = Math.BigMul(words[2], words[3], out var highBits);
        var mixed = low ^ lowBits ^ BitOperations.RotateLeft(high ^ highBits, 29) ^ ((ulong)length << 56);
        return (uint)(mixed ^ (mixed >> 32));
    }

    private struct Slot
    {
        public uint Hash;

        // Index of the text plus one; 0 for a free slot.
        public int Number;
    }
}
