using LogPipeline.Core.Lake.Delta;
using Xunit;

namespace LogPipeline.Tests.Lake;

public sealed class TombstonesTests
{
    private static readonly Dictionary<string, string?> January = new() { ["date"] = "2026-01-02" };
    private readonly Tombstones tombstones = new();

    [Theory]
    [InlineData("date=2026-01-02/part-00000-0b1c7f3e-7c1d-4c39-9a57-2f8f4c0f7f6b-c000.zstd.parquet")]
    [InlineData("0b1c7f3e-7c1d-4c39-9a57-2f8f4c0f7f6b")]
    [InlineData("a/0B1C7F3E-7C1D-4C39-9A57-2F8F4C0F7F6B.parquet")]
    [InlineData("0b1c7f3e-7c1d-4c39-9a57-2f8f4c0f7f6b/part-1.parquet")]
    [InlineData("part-0b1c7f3e-7c1d-4c39-9a57-2f8f4c0f7f6-c000.parquet")]
    [InlineData("0b1c7f3e-7c1d-4c39-9a57-2f8f4c0f7f6b-0b1c7f3e-7c1d-4c39-9a57-2f8f4c0f7f6c.parquet")]
    [InlineData("x")]
    public void What_goes_in_comes_out(string path)
    {
        RemoveFile[] all =
        [
            new(path, 5, DataChange: false) { ExtendedFileMetadata = true, PartitionValues = January, Size = 7 },
            new(path, 6, DataChange: true) { PartitionValues = January, Size = 8 },
            new(path, null, DataChange: true),
            new(path, 7, DataChange: true) { Size = 9 },
        ];
        foreach (var one in all)
        {
            tombstones.Set(path, one);
            Assert.Equal(one, Assert.Single(tombstones.Until(7)));
            Assert.Equal(one.DeletionTimestamp is null ? [] : [one], tombstones.CopyAfter(4));
            Assert.Equal(1, tombstones.Count);
        }

        tombstones.Remove(path);
        Assert.Equal(0, tombstones.Count);
    }

    [Fact]
    public void A_file_whose_path_is_written_in_two_ways_has_one_tombstone()
    {
        const string Key = "a b/0b1c7f3e-7c1d-4c39-9a57-2f8f4c0f7f6b.parquet";
        tombstones.Set(Key, new RemoveFile(Key, 1, DataChange: false) { PartitionValues = January, Size = 1 });
        var encoded = new RemoveFile("a%20b/0b1c7f3e-7c1d-4c39-9a57-2f8f4c0f7f6b.parquet", 2, DataChange: false) { PartitionValues = January, Size = 1 };
        tombstones.Set(Key, encoded);
        Assert.Equal(encoded, Assert.Single(tombstones.Until(9)));
        tombstones.Remove(Key);
        Assert.Equal(0, tombstones.Count);
    }

    [Fact]
    public void Those_up_to_a_time_and_those_after_it_are_all_of_them_and_a_copy_stays_as_it_is()
    {
        for (var file = 0; file < 10_000; file++)
        {
            // More shapes of names than are held.
            var path = $"date=2026-01-02/part-{file:00000}-{Guid.NewGuid():D}-c000.zstd.parquet";
            tombstones.Set(path, new RemoveFile(path, file, DataChange: false) { PartitionValues = January, Size = file });
        }

        var copy = tombstones.CopyAfter(2_999);
        var until = tombstones.Until(2_999);
        Assert.Equal((7_000, 3_000), (copy.Count, until.Count));
        foreach (var one in copy.ToList())
        {
            tombstones.Remove(one.Path);
        }

        Assert.Equal(3_000, tombstones.Count);
        Assert.Equal(Enumerable.Range(0, 10_000), copy.Concat(until).Select(one => (int)one.Size!).Order());
    }
}
