using System.IO.Hashing;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace LogPipeline.Core.Ingest.Columns;

/// <summary>The growing map&lt;string,string&gt; column of the fields that have no column. A key given twice in a row keeps its last value.</summary>
internal sealed class AttributesBuffer
{
    private const int ScanAtMost = 8;
    private readonly ColumnBuffer keys = new("key", ColumnKind.Text);
    private readonly ColumnBuffer values = new("value", ColumnKind.Text);
    private readonly ColumnBuffer starts = new("start", ColumnKind.Int32);
    private int count;
    private int rowStart;

    // Open addressing over the row's keys once there are more than a scan should see: an entry is the index of a key plus one.
    private int[] slots = [];
    private bool hashed;

    /// <summary>Pairs held.</summary>
    public int Count => count;

    /// <summary>Bytes of keys and values held.</summary>
    public int TextLength => keys.TextLength + values.TextLength;

    /// <summary>Adds a pair to the current row.</summary>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var at = Find(key);
        if (at >= 0)
        {
            Remove(at);
        }

        keys.SetText(count, key);
        values.SetText(count, value);
        count++;
        if (hashed)
        {
            Insert(count - 1);
        }
    }

    /// <summary>Takes a pair out of the current row, if it is there.</summary>
    public void Remove(ReadOnlySpan<byte> key)
    {
        var at = Find(key);
        if (at >= 0)
        {
            Remove(at);
        }
    }

    public void CommitRow(int row)
    {
        starts.SetInt32(row, rowStart);
        rowStart = count;
        hashed = false;
    }

    public void RollbackRow()
    {
        while (count > rowStart)
        {
            DropLast();
        }

        hashed = false;
    }

    public ArrayData Build(IArrowType type, int rows, List<byte[]> rented)
    {
        var mapType = (MapType)type;
        starts.SetInt32(rows, count);
        var offsets = starts.Build(Int32Type.Default, rows + 1, rented);
        var key = keys.Build(StringType.Default, count, rented);
        var value = values.Build(StringType.Default, count, rented);
        var pairs = new ArrayData(mapType.KeyValueType, count, 0, 0, [ArrowBuffer.Empty], [key, value]);
        count = 0;
        rowStart = 0;
        hashed = false;
        return new ArrayData(type, rows, 0, 0, [ArrowBuffer.Empty, offsets.Buffers[1]], [pairs]);
    }

    public void Release()
    {
        keys.Release();
        values.Release();
        starts.Release();
        count = 0;
        rowStart = 0;
        hashed = false;
    }

    private int Find(ReadOnlySpan<byte> key)
    {
        if (!hashed)
        {
            if (count - rowStart <= ScanAtMost)
            {
                for (var index = rowStart; index < count; index++)
                {
                    if (keys.TextOf(index).SequenceEqual(key))
                    {
                        return index;
                    }
                }

                return -1;
            }

            Rehash();
        }

        var slot = SlotOf(key);
        return slots[slot] - 1;
    }

    private int SlotOf(ReadOnlySpan<byte> key)
    {
        var slot = (int)XxHash3.HashToUInt64(key) & (slots.Length - 1);
        while (slots[slot] != 0 && !keys.TextOf(slots[slot] - 1).SequenceEqual(key))
        {
            slot = (slot + 1) & (slots.Length - 1);
        }

        return slot;
    }

    private void Insert(int index)
    {
        if ((count - rowStart) * 2 > slots.Length)
        {
            Rehash();
            return;
        }

        slots[SlotOf(keys.TextOf(index))] = index + 1;
    }

    private void Rehash()
    {
        var wanted = 64;
        while (wanted < (count - rowStart) * 4)
        {
            wanted *= 2;
        }

        if (slots.Length != wanted)
        {
            slots = new int[wanted];
        }
        else
        {
            System.Array.Clear(slots);
        }

        hashed = true;
        for (var index = rowStart; index < count; index++)
        {
            slots[SlotOf(keys.TextOf(index))] = index + 1;
        }
    }

    // A repeated key is rare: the pairs behind it are moved down one by one.
    private void Remove(int at)
    {
        var behind = count - at - 1;
        var moved = new (byte[] Key, byte[] Value)[behind];
        for (var index = 0; index < behind; index++)
        {
            moved[index] = (keys.TextOf(at + 1 + index).ToArray(), values.TextOf(at + 1 + index).ToArray());
        }

        while (count > at)
        {
            DropLast();
        }

        foreach (var (key, value) in moved)
        {
            keys.SetText(count, key);
            values.SetText(count, value);
            count++;
        }

        if (hashed)
        {
            Rehash();
        }
    }

    private void DropLast()
    {
        count--;
        keys.Unset(count);
        values.Unset(count);
    }
}
