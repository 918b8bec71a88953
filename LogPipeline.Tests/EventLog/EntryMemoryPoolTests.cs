using LogPipeline.Core.EventLog.Embedded;
using Xunit;

namespace LogPipeline.Tests.EventLog;

/// <summary>The memory of entries: large arrays are used again, fit closely, and are not kept without end.</summary>
public sealed class EntryMemoryPoolTests
{
    private const int Room = 4096;

    [Fact]
    public void A_large_array_is_used_again_and_fits_closely()
    {
        var pool = new EntryMemoryPool(Room);
        var first = pool.Rent(3_000_000);
        Assert.Equal(3_000_000, first.Memory.Length);
        first.Dispose();
        var kept = pool.FreeBytes;
        Assert.InRange(kept, 3_000_000 + Room, 3_000_000 + Room + (64 * 1024));

        using (pool.Rent(1_000_000))
        {
            Assert.Equal(kept, pool.FreeBytes);
        }

        using (pool.Rent(2_900_000))
        {
            Assert.True(pool.FreeBytes < kept);
        }

        Assert.True(pool.FreeBytes > kept);
    }

    [Fact]
    public void Free_arrays_are_kept_up_to_the_limit()
    {
        var pool = new EntryMemoryPool(Room);
        var taken = Enumerable.Range(0, 80).Select(_ => pool.Rent(2_000_000)).ToList();
        taken.ForEach(one => one.Dispose());
        Assert.InRange(pool.FreeBytes, EntryMemoryPool.MostFree - 3_000_000, EntryMemoryPool.MostFree);
    }

    [Fact]
    public void What_is_handed_over_comes_back_once()
    {
        var pool = new EntryMemoryPool(Room);
        var entry = (EntryMemory)pool.Rent(1_000_000);
        var message = entry.Precede(100, "schema"u8, 10);
        Assert.Equal(16, message.Length);
        Assert.True(message.Span.StartsWith("schema"u8));
        var owner = entry.TakeOver();
        entry.Dispose();
        Assert.Equal(0, pool.FreeBytes);
        owner.Dispose();
        var kept = pool.FreeBytes;
        owner.Dispose();
        Assert.Equal(kept, pool.FreeBytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(200_000)]
    [InlineData((256 * 1024) - Room)]
    public void Small_ones_are_the_shared_pools(int length)
    {
        var pool = new EntryMemoryPool(Room);
        var entry = pool.Rent(length);
        Assert.Equal(length, entry.Memory.Length);
        entry.Dispose();
        Assert.Equal(0, pool.FreeBytes);
    }
}
