using System.Buffers;

namespace LogPipeline.Core.EventLog.Embedded;

/// <summary>One entry as FASTER copies it out, in a rented array with room before it.</summary>
/// <remarks>
/// The schema is kept once a log, and Arrow reads it in front of a batch. The room, and the header and rejected records
/// that are read by then, are where it is put, so that an entry is copied only once.
/// </remarks>
internal sealed class EntryMemory(int room, int length) : IMemoryOwner<byte>
{
    private byte[]? array = ArrayPool<byte>.Shared.Rent(room + length);

    /// <summary>The entry.</summary>
    public Memory<byte> Memory => new(array, room, length);

    /// <summary>Puts bytes right before a place of the entry, over whatever is there.</summary>
    /// <returns>Those bytes and the ones from the place on.</returns>
    public ReadOnlyMemory<byte> Precede(int place, ReadOnlySpan<byte> bytes, int count)
    {
        var start = room + place - bytes.Length;
        bytes.CopyTo(array.AsSpan(start));
        return new ReadOnlyMemory<byte>(array, start, bytes.Length + count);
    }

    /// <summary>Hands the array to a new owner, who gives it back to the pool; this one gives nothing back any more.</summary>
    public IDisposable TakeOver()
    {
        var moved = new Owner(array!);
        array = null;
        return moved;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref array, null) is { } mine)
        {
            ArrayPool<byte>.Shared.Return(mine);
        }
    }

    private sealed class Owner(byte[] array) : IDisposable
    {
        private byte[]? array = array;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref array, null) is { } mine)
            {
                ArrayPool<byte>.Shared.Return(mine);
            }
        }
    }
}

/// <summary>Makes <see cref="EntryMemory"/>.</summary>
/// <param name="room">Bytes before each entry; a multiple of 8, which Arrow's alignment needs.</param>
internal sealed class EntryMemoryPool(int room) : MemoryPool<byte>
{
    public override int MaxBufferSize => System.Array.MaxLength - room;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => new EntryMemory(room, Math.Max(minBufferSize, 0));

    protected override void Dispose(bool disposing)
    {
    }
}
