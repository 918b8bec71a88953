using System.Collections;

namespace LogPipeline.Core.Lake.Delta;

/// <summary>Files that left a table and may not be deleted yet, by key.</summary>
/// <remarks>
/// A week of commits a second leaves 600,000 of them. Nearly all have names that differ only by a random number, such as
/// <c>date=2026-01-02/part-00000-0b1c7f3e-7c1d-4c39-9a57-2f8f4c0f7f6b-c000.zstd.parquet</c>: those are held as that number and
/// what they share, in about 60 bytes instead of 350.
/// </remarks>
internal sealed class Tombstones
{
    private const int IdLength = 36;
    private const int MostShapes = 4_096;

    private readonly Dictionary<FileKey, Numbered> numbered = [];
    private readonly Dictionary<string, RemoveFile> others = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Prefix, string Suffix), int> shapes = [];
    private readonly List<(string Prefix, string Suffix)> shapeOf = [];
    private readonly Dictionary<IReadOnlyDictionary<string, string?>, int> partitions = new(ReferenceEqualityComparer.Instance);
    private readonly List<IReadOnlyDictionary<string, string?>> partitionOf = [];

    public int Count => numbered.Count + others.Count;

    /// <summary>Keeps a tombstone, in the place of an earlier one of the same file.</summary>
    /// <param name="key">Key of the file.</param>
    /// <param name="tombstone">Its tombstone; the values of one partition are one object.</param>
    public void Set(string key, RemoveFile tombstone)
    {
        if (key == tombstone.Path && tombstone is { DeletionVector: null, PartitionValues: { } values, DeletionTimestamp: { } deleted, Size: { } size }
            && TryKey(key, create: true, out var file))
        {
            others.Remove(key);
            if (!partitions.TryGetValue(values, out var partition))
            {
                partition = partitions[values] = partitionOf.Count;
                partitionOf.Add(values);
            }

            numbered[file] = new Numbered(deleted, size, partition, tombstone.DataChange, tombstone.ExtendedFileMetadata);
            return;
        }

        Remove(key);
        others[key] = tombstone;
    }

    /// <summary>Forgets a tombstone; nothing happens when there is none.</summary>
    public void Remove(string key)
    {
        others.Remove(key);
        if (TryKey(key, create: false, out var file))
        {
            numbered.Remove(file);
        }
    }

    /// <summary>Those of files deleted up to a time, in milliseconds since 1970; of no time counts as long ago.</summary>
    public List<RemoveFile> Until(long millis) =>
    [
        .. others.Values.Where(one => (one.DeletionTimestamp ?? 0) <= millis),
        .. numbered.Where(one => one.Value.Deleted <= millis).Select(one => one.Value.Whole(one.Key, shapeOf, partitionOf)),
    ];

    /// <summary>A copy of those of files deleted after a time, in milliseconds since 1970.</summary>
    public TombstonesCopy CopyAfter(long millis) => new(
        [.. others.Values.Where(one => (one.DeletionTimestamp ?? 0) > millis)],
        [.. numbered.Where(one => one.Value.Deleted > millis)],
        [.. shapeOf],
        [.. partitionOf]);

    // Sample: date=2026-01-02/part-00000- | 0b1c7f3e-7c1d-4c39-9a57-2f8f4c0f7f6b | -c000.zstd.parquet
    private bool TryKey(string path, bool create, out FileKey key)
    {
        key = default;
        for (var start = path.LastIndexOf('/') + 1; start + IdLength <= path.Length; start++)
        {
            var text = path.AsSpan(start, IdLength);
            if (text[8] != '-' || text[13] != '-' || text.ContainsAnyInRange('A', 'F') || !Guid.TryParseExact(text, "D", out var id))
            {
                continue;
            }

            var shape = (path[..start], path[(start + IdLength)..]);
            if (!shapes.TryGetValue(shape, out var number))
            {
                if (!create || shapes.Count == MostShapes)
                {
                    return false;
                }

                number = shapes[shape] = shapeOf.Count;
                shapeOf.Add(shape);
            }

            key = new FileKey(id, number);
            return true;
        }

        return false;
    }

    /// <summary>A file by the random number in its name and by the rest of its name.</summary>
    internal readonly record struct FileKey(Guid Id, int Shape);

    /// <summary>What differs between tombstones.</summary>
    internal readonly record struct Numbered(long Deleted, long Size, int Partition, bool DataChange, bool Extended)
    {
        public RemoveFile Whole(FileKey key, IReadOnlyList<(string Prefix, string Suffix)> shapes, IReadOnlyList<IReadOnlyDictionary<string, string?>> partitions) =>
            new($"{shapes[key.Shape].Prefix}{key.Id:D}{shapes[key.Shape].Suffix}", Deleted, DataChange)
            {
                ExtendedFileMetadata = Extended,
                PartitionValues = partitions[Partition],
                Size = Size,
            };
    }
}

/// <summary>Tombstones at one moment: small, and made whole one by one as they are read.</summary>
internal sealed class TombstonesCopy : IReadOnlyCollection<RemoveFile>
{
    private readonly IReadOnlyList<RemoveFile> others;
    private readonly IReadOnlyList<KeyValuePair<Tombstones.FileKey, Tombstones.Numbered>> numbered;
    private readonly IReadOnlyList<(string Prefix, string Suffix)> shapes;
    private readonly IReadOnlyList<IReadOnlyDictionary<string, string?>> partitions;

    internal TombstonesCopy(
        IReadOnlyList<RemoveFile> others,
        IReadOnlyList<KeyValuePair<Tombstones.FileKey, Tombstones.Numbered>> numbered,
        IReadOnlyList<(string Prefix, string Suffix)> shapes,
        IReadOnlyList<IReadOnlyDictionary<string, string?>> partitions)
    {
        this.others = others;
        this.numbered = numbered;
        this.shapes = shapes;
        this.partitions = partitions;
    }

    public int Count => others.Count + numbered.Count;

    public IEnumerator<RemoveFile> GetEnumerator()
    {
        foreach (var tombstone in others)
        {
            yield return tombstone;
        }

        foreach (var (key, one) in numbered)
        {
            yield return one.Whole(key, shapes, partitions);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
