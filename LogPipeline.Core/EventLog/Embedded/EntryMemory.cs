using System.Buffers;

namespace LogPipeline.Core.EventLog.Embedded;

/// <summary>One entry as FASTER copies it out, in a rented array with room before it.</summary>
/// <remarks>
/// The schema is kept once a log, and Arrow reads it in front of a batch. The room, and the header and rejected records
/// that are read by then, are where it is put, so that an entry is copied only once.
/// </remarks>
internal sealed class EntryMemory(EntryMemoryPool pool, byte[] array, int room, int length) : IMemoryOwner<byte>
{
    private byte[]? array = array;

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
        var moved = new EntryMemory(pool, array!, room, length);
        array = null;
        return moved;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref array, null) is { } mine)
        {
            pool.Return(mine);
        }
    }
}
