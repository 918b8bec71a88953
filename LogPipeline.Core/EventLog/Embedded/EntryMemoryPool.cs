using System.Buffers;

namespace LogPipeline.Core.EventLog.Embedded;

/// <summary>Memory of the entries that one reader takes out and hands on.</summary>
/// <remarks>
/// A reader of a backlog has some hundred megabytes of entries out, nearly all of one size, and gets them back by the
/// dozen. The shared pool rounds each up to a power of two, keeps some for every thread, and drops what comes back at
/// once beyond its room, which the collector then finds late: memory grew with the input. Here large arrays are at most
/// a quarter longer than asked for, and those that are free are kept up to a limit. Safe for several threads.
/// </remarks>
/// <param name="room">Bytes before each entry; a multiple of 8, which Arrow's alignment needs.</param>
internal sealed class EntryMemoryPool(int room) : MemoryPool<byte>
{
    // Arrays up to this, a power of two, are the shared pool's.
    private const int Large = 256 * 1024;
    private const int Step = 64 * 1024;

    /// <summary>Bytes of free arrays that are kept at most.</summary>
    public const long MostFree = 96L << 20;

    private readonly Lock gate = new();

    // In the order that they came back.
    private readonly List<byte[]> free = [];

    public override int MaxBufferSize => System.Array.MaxLength - room;

    /// <summary>Bytes of the large arrays that are free.</summary>
    public long FreeBytes { get; private set; }

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        var length = Math.Max(minBufferSize, 0);
        return new EntryMemory(this, Take(room + length), room, length);
    }

    /// <summary>Takes an array back.</summary>
    public void Return(byte[] array)
    {
        if (array.Length <= Large)
        {
            ArrayPool<byte>.Shared.Return(array);
            return;
        }

        lock (gate)
        {
            free.Add(array);
            FreeBytes += array.Length;
            while (FreeBytes > MostFree)
            {
                Remove(0);
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
    }

    private byte[] Take(int length)
    {
        if (length <= Large)
        {
            return ArrayPool<byte>.Shared.Rent(length);
        }

        lock (gate)
        {
            for (var index = free.Count - 1; index >= 0; index--)
            {
                if (free[index] is var array && array.Length >= length && array.Length - length <= length / 4)
                {
                    Remove(index);
                    return array;
                }
            }
        }

        return GC.AllocateUninitializedArray<byte>((int)Math.Min(System.Array.MaxLength, ((long)length + Step - 1) / Step * Step));
    }

    private void Remove(int index)
    {
        FreeBytes -= free[index].Length;
        free.RemoveAt(index);
    }
}
