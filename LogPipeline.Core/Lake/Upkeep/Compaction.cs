using System.Globalization;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Files;
using ParquetSharp.Arrow;

namespace LogPipeline.Core.Lake.Upkeep;

/// <summary>What a compaction did.</summary>
/// <param name="FilesRemoved">Small files that were merged.</param>
/// <param name="FilesAdded">Files that replaced them.</param>
/// <param name="BytesRemoved">Bytes before.</param>
/// <param name="BytesAdded">Bytes after.</param>
/// <param name="Version">Latest version that it committed; null when there was nothing to do.</param>
/// <param name="Elapsed">Time taken.</param>
public sealed record CompactionResult(int FilesRemoved, int FilesAdded, long BytesRemoved, long BytesAdded, long? Version, TimeSpan Elapsed);

/// <summary>What a compaction would do now.</summary>
/// <param name="Files">Small files that it would merge.</param>
/// <param name="Results">Files that would replace them.</param>
/// <param name="SizeBytes">Bytes that it would read.</param>
public sealed record CompactionPlan(int Files, int Results, long SizeBytes);

/// <summary>Merges small files of a partition. Rows stay as they are, so appends go on meanwhile (dataChange = false).</summary>
/// <remarks>
/// In the background, files of like size (within a factor of eight) are merged once there are many of them: every byte is then rewritten
/// only as often as its files grow by that many, and a partition holds at most that many files a size. A partition that nobody has
/// written to for a while is merged whole.
/// </remarks>
internal sealed class Compaction(DeltaTable table, LakeOptions options, TimeProvider time)
{
    private const int ClosedFiles = 8;
    private static readonly TimeSpan ClosedAfter = TimeSpan.FromMinutes(30);

    /// <summary>Merges what has become too much.</summary>
    public CompactionResult RunDue(CancellationToken cancellationToken) => Run(FindDue, cancellationToken);

    /// <summary>Merges every small file.</summary>
    public CompactionResult RunAll(CancellationToken cancellationToken) => Run(state => FindAll(state, leastFiles: 2), cancellationToken);

    /// <summary>What <see cref="RunAll"/> would do.</summary>
    public CompactionPlan PlanAll()
    {
        var bins = table.Read(state => FindAll(state, leastFiles: 2));
        return new CompactionPlan(bins.Sum(bin => bin.Count), bins.Count, bins.Sum(bin => bin.Sum(file => file.Size)));
    }

    /// <summary>Whether compaction would merge a file of this size.</summary>
    public static bool IsSmall(long size, LakeOptions options) => size < options.TargetFileBytes / 2;

    private CompactionResult Run(Func<TableState, List<List<AddFile>>> find, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var (removed, added, bytesBefore, bytesAfter) = (0, 0, 0L, 0L);
        long? version = null;
        foreach (var bin in table.Read(find))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Merge(bin, cancellationToken) is { } merged)
            {
                removed += merged.FilesRemoved;
                added += merged.FilesAdded;
                bytesBefore += merged.BytesRemoved;
                bytesAfter += merged.BytesAdded;
                version = merged.Version;
            }
        }

        return new CompactionResult(removed, added, bytesBefore, bytesAfter, version, time.GetElapsedTime(started));
    }

    private List<List<AddFile>> FindDue(TableState state)
    {
        if (!IsOurs(state))
        {
            return [];
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var oldest = now - (long)options.CompactionMinAge.TotalMilliseconds;
        var closed = now - (long)ClosedAfter.TotalMilliseconds;
        var bins = new List<List<AddFile>>();
        foreach (var partition in Partitions(state))
        {
            if (partition.Count >= ClosedFiles && partition.All(file => file.ModificationTime <= closed))
            {
                bins.AddRange(Pack(partition));
                continue;
            }

            foreach (var alike in partition.Where(file => file.ModificationTime <= oldest).GroupBy(file => SizeClass(file.Size)))
            {
                var files = alike.ToList();
                if (files.Count >= options.CompactionFiles)
                {
                    bins.AddRange(Pack(files));
                }
            }
        }

        return bins;
    }

    private List<List<AddFile>> FindAll(TableState state, int leastFiles)
    {
        ProtocolRules.CheckWritable(table.Name, state.Protocol!, state.Metadata!);
        return [.. Partitions(state).Where(partition => partition.Count >= leastFiles).SelectMany(Pack)];
    }

    // Upkeep leaves tables alone that another engine's rules apply to.
    private bool IsOurs(TableState state)
    {
        try
        {
            ProtocolRules.CheckWritable(table.Name, state.Protocol!, state.Metadata!);
            return true;
        }
        catch (LakeException)
        {
            return false;
        }
    }

    private IEnumerable<List<AddFile>> Partitions(TableState state) =>
        state.Files
            .Select(file => file.Add)
            .Where(file => IsSmall(file.Size, options) && !DeltaPath.IsAbsolute(file.Path))
            .GroupBy(file => string.Join('\n', state.Metadata!.PartitionColumns.Select(column => file.PartitionValues.GetValueOrDefault(column) ?? "\0")))
            .Select(partition => partition.ToList());

    // In the order of their writing, so that rows stay in the order of their arrival.
    private IEnumerable<List<AddFile>> Pack(List<AddFile> files)
    {
        var bin = new List<AddFile>();
        long size = 0;
        foreach (var file in files.OrderBy(file => file.ModificationTime).ThenBy(file => file.Path, StringComparer.Ordinal))
        {
            if (bin.Count > 0 && size + file.Size > options.TargetFileBytes)
            {
                if (bin.Count > 1)
                {
                    yield return bin;
                }

                (bin, size) = ([], 0);
            }

            bin.Add(file);
            size += file.Size;
        }

        if (bin.Count > 1)
        {
            yield return bin;
        }
    }

    // Factor of eight from 4 KiB on.
    private static int SizeClass(long size) => Math.Max(0, (System.Numerics.BitOperations.Log2((ulong)Math.Max(1, size)) - 12) / 3);

    private CompactionResult? Merge(List<AddFile> bin, CancellationToken cancellationToken)
    {
        var metadata = table.Read(state => state.Metadata!);
        var columns = SchemaJson.Parse(metadata.SchemaString).Fields.Where(field => !metadata.PartitionColumns.Contains(field.Name)).ToList();
        var relativeFolder = Path.GetRelativePath(table.Root, Path.GetDirectoryName(DeltaPath.Resolve(table.Root, bin[0].Path))!).Replace(Path.DirectorySeparatorChar, '/');
        var inputs = new List<AddFile>();
        ParquetFile? output = null;
        try
        {
            string? shape = null;
            foreach (var file in bin)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var reader = new FileReader(DeltaPath.Resolve(table.Root, file.Path));
                var schema = reader.Schema;
                var described = FileShape.Describe(schema);
                if ((shape is not null && described != shape) || !FileShape.Holds(schema, columns))
                {
                    continue;
                }

                shape = described;
                output ??= new ParquetFile(table.Root, relativeFolder == "." ? "" : relativeFolder, schema);
                using var batches = reader.GetRecordBatchReader();
                while (batches.ReadNextRecordBatchAsync(cancellationToken).AsTask().GetAwaiter().GetResult() is { } batch)
                {
                    using (batch)
                    {
                        output.Write(batch);
                    }
                }

                inputs.Add(file);
            }

            if (output is null || inputs.Count < 2)
            {
                output?.Discard();
                return null;
            }

            return Commit(inputs, output);
        }
        catch
        {
            output?.Discard();
            throw;
        }
        finally
        {
            output?.Dispose();
        }
    }

    private CompactionResult? Commit(List<AddFile> inputs, ParquetFile output)
    {
        var now = time.GetUtcNow();
        var add = output.Finish(inputs[0].PartitionValues, now, dataChange: false);
        Durable.SyncFile(output.FullPath);
        Durable.SyncFolder(Path.GetDirectoryName(output.FullPath)!);
        var before = inputs.Sum(file => file.Size);
        var outcome = table.Commit(new CommitRequest("OPTIMIZE")
        {
            Adds = [add],
            Removes = [.. inputs.Select(file => new RemoveFile(file.Path, now.ToUnixTimeMilliseconds(), DataChange: false)
            {
                ExtendedFileMetadata = true,
                PartitionValues = file.PartitionValues,
                Size = file.Size,
            })],
            Parameters = new Dictionary<string, string?> { ["predicate"] = "[]", ["zOrderBy"] = "[]", ["auto"] = "true" },
            Metrics = new Dictionary<string, string?>
            {
                ["numRemovedFiles"] = inputs.Count.ToString(CultureInfo.InvariantCulture),
                ["numRemovedBytes"] = before.ToString(CultureInfo.InvariantCulture),
                ["numAddedFiles"] = "1",
                ["numAddedBytes"] = add.Size.ToString(CultureInfo.InvariantCulture),
            },
        });
        switch (outcome)
        {
            case CommitOutcome.Committed(var version):
                return new CompactionResult(inputs.Count, 1, before, add.Size, version, TimeSpan.Zero);
            case CommitOutcome.Unavailable:
                // The commit may be there: its file stays.
                return null;
            default:
                output.Discard();
                return null;
        }
    }
}
