using System.Numerics;

namespace LogPipeline.Core.Live.Rolling;

/// <summary>Numbers distinct keys from 0 in the order of their first appearance. Keys lie side by side, so that a scan is a loop over a span.</summary>
/// <remarks>The hash slots can be dropped with <see cref="Trim"/>; they are made again when the next key is looked up.</remarks>
internal sealed class KeyIndex<TKey>
    where TKey : unmanaged, IBinaryInteger<TKey>
{
    private TKey[] keys = [];
    private int[]? slots;
    private int shift;

    public int Count { get; private set; }

    public ReadOnlySpan<TKey> Keys => keys.AsSpan(0, Count);

    public int Capacity => keys.Length;

    public unsafe long Bytes => ((long)keys.Length * sizeof(TKey)) + ((slots?.Length ?? 0) * 4L) + 80;

    public int GetOrAdd(TKey key, out bool added)
    {
        if (slots is null || Count * 2 >= slots.Length)
        {
            MakeSlots(Math.Max(8, (Count + 1) * 4));
        }

        var mask = slots!.Length - 1;
        var slot = SlotOf(key);
        while (true)
        {
            var index = slots[slot] - 1;
            if (index < 0)
            {
                break;
            }

            if (keys[index] == key)
            {
                added = false;
                return index;
            }

            slot = (slot + 1) & mask;
        }

        if (Count == keys.Length)
        {
            System.Array.Resize(ref keys, Math.Max(4, Count * 2));
        }

        keys[Count] = key;
        slots[slot] = ++Count;
        added = true;
        return Count - 1;
    }

    public int Find(TKey key)
    {
        if (Count == 0)
        {
            return -1;
        }

        if (slots is null)
        {
            MakeSlots(Count * 4);
        }

        var mask = slots!.Length - 1;
        for (var slot = SlotOf(key); ; slot = (slot + 1) & mask)
        {
            var index = slots[slot] - 1;
            if (index < 0 || keys[index] == key)
            {
                return index;
            }
        }
    }

    /// <summary>Forgets every key; keeps the memory.</summary>
    public void Clear()
    {
        Count = 0;
        if (slots is not null)
        {
            System.Array.Clear(slots);
        }
    }

    /// <summary>Gives back what only additions need.</summary>
    public void Trim()
    {
        slots = null;
        if (keys.Length != Count)
        {
            System.Array.Resize(ref keys, Count);
        }
    }

    private int SlotOf(TKey key) => (int)((ulong.CreateTruncating(key) * 0x9E3779B97F4A7C15UL) >> shift);

    private void MakeSlots(int least)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)least);
        shift = 64 - BitOperations.Log2((uint)size);
        slots = new int[size];
        for (var index = 0; index < Count; index++)
        {
            var slot = SlotOf(keys[index]);
            while (slots[slot] != 0)
            {
                slot = (slot + 1) & (size - 1);
            }

            slots[slot] = index + 1;
        }
    }
}
