using System.Globalization;
using LogPipeline.Core.Lake.Delta;

namespace LogPipeline.Core.Lake.Upkeep;

/// <summary>Deletes what no version within the retention needs: data files and files of the log.</summary>
internal sealed class Cleanup(DeltaTable table, LakeOptions options, TimeProvider time)
{
    private static readonly TimeSpan OrphanPause = TimeSpan.FromDays(1);
    private DateTimeOffset orphansAt;

    /// <summary>Tombstones older than this need not be kept.</summary>
    public DateTimeOffset TombstonesSince() => time.GetUtcNow() - FileRetention();

    /// <summary>Deletes files whose tombstones are older than the retention, and once a day those that no version ever named.</summary>
    /// <returns>Files deleted.</returns>
    /// <exception cref="LakeException">The table has rules of its own about deleting files.</exception>
    public int DeleteExpiredFiles(CancellationToken cancellationToken)
    {
        var since = TombstonesSince().ToUnixTimeMilliseconds();
        var expired = table.Read(state =>
        {
            ProtocolRules.CheckWritable(table.Name, state.Protocol!, state.Metadata!);
            return state.TombstonesUntil(since);
        });
        var count = 0;
        foreach (var tombstone in expired)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!DeltaPath.IsAbsolute(tombstone.Path))
            {
                File.Delete(DeltaPath.Resolve(table.Root, tombstone.Path));
                count++;
            }
        }

        table.Forget(expired);
        if (time.GetUtcNow() - orphansAt >= OrphanPause)
        {
            orphansAt = time.GetUtcNow();
            count += Delete(FindUnused(FileRetention()), cancellationToken);
        }

        return count;
    }

    /// <summary>Files in the table's folder that no version within a retention names, oldest kept longest.</summary>
    public IReadOnlyList<FileInfo> FindUnused(TimeSpan retention)
    {
        var since = time.GetUtcNow() - retention;
        var used = table.Read(state =>
        {
            ProtocolRules.CheckWritable(table.Name, state.Protocol!, state.Metadata!);
            var keys = state.Files.Select(file => DeltaPath.KeyOf(file.Add.Path)).ToHashSet(StringComparer.Ordinal);
            keys.UnionWith(state.TombstonesAfter(since.ToUnixTimeMilliseconds()).Select(tombstone => DeltaPath.KeyOf(tombstone.Path)));
            return keys;
        });
        return [.. FilesBelow(table.Root)
            .Where(path => !used.Contains(Path.GetRelativePath(table.Root, path).Replace(Path.DirectorySeparatorChar, '/')))
            .Select(path => new FileInfo(path))
            .Where(file => file.LastWriteTimeUtc < since.UtcDateTime)];
    }

    /// <summary>Deletes files.</summary>
    public static int Delete(IEnumerable<FileInfo> files, CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            file.Delete();
            count++;
        }

        return count;
    }

    /// <summary>How long deleted files are kept for readers of earlier versions.</summary>
    public TimeSpan FileRetention() => Property("delta.deletedFileRetentionDuration") ?? options.DeletedFileRetention;

    /// <summary>Deletes commits and checkpoints older than the log's retention, as far as a checkpoint stands for them.</summary>
    /// <remarks>The cutoff is the midnight before now less the retention. The newest checkpoint at or below the newest commit before the cutoff stays, with its commit and everything later; without such a checkpoint nothing goes.</remarks>
    /// <returns>Files deleted.</returns>
    public int CleanLog()
    {
        var retention = Property("delta.logRetentionDuration") ?? options.LogRetention;
        if (retention < FileRetention())
        {
            retention = FileRetention();
        }

        var cutoff = (time.GetUtcNow() - retention).UtcDateTime.Date;
        var old = new List<(long Version, string Path)>();
        var count = DeleteTemporaries();
        foreach (var path in Directory.EnumerateFiles(table.LogFolder))
        {
            var file = LogFile.Parse(Path.GetFileName(path));
            if (file.Kind != LogFileKind.Other && File.GetLastWriteTimeUtc(path) < cutoff)
            {
                old.Add((file.Version, path));
            }
        }

        var lastOldCommit = old.Where(one => LogFile.Parse(Path.GetFileName(one.Path)).Kind == LogFileKind.Commit).Select(one => one.Version).DefaultIfEmpty(-1).Max();
        if (lastOldCommit < 0 || LogListing.Read(table.LogFolder).CheckpointsUpTo(lastOldCommit).FirstOrDefault() is not { } kept)
        {
            return count;
        }

        // Oldest first: a log cut short in the middle of this is a log cleaned less far.
        foreach (var (_, path) in old.Where(one => one.Version < kept.Version).OrderBy(one => one.Version))
        {
            File.Delete(path);
            count++;
        }

        return count;
    }

    // A temporary file a day old belongs to a process that died.
    private int DeleteTemporaries()
    {
        var before = (time.GetUtcNow() - TimeSpan.FromDays(1)).UtcDateTime;
        var count = 0;
        foreach (var path in Directory.EnumerateFiles(table.LogFolder, ".*.tmp"))
        {
            if (File.GetLastWriteTimeUtc(path) < before)
            {
                File.Delete(path);
                count++;
            }
        }

        return count;
    }

    private TimeSpan? Property(string name) =>
        ParseInterval(table.Read(state => state.Metadata!.Configuration.GetValueOrDefault(name)));

    // Sample: "interval 7 days".
    internal static TimeSpan? ParseInterval(string? text)
    {
        if (text?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not { Length: >= 2 } words)
        {
            return null;
        }

        if (words[0].Equals("interval", StringComparison.OrdinalIgnoreCase))
        {
            words = words[1..];
        }

        var total = TimeSpan.Zero;
        for (var index = 0; index + 1 < words.Length; index += 2)
        {
            if (!double.TryParse(words[index], NumberStyles.Float, CultureInfo.InvariantCulture, out var amount))
            {
                return null;
            }

            TimeSpan? unit = words[index + 1].TrimEnd('s', 'S').ToUpperInvariant() switch
            {
                "WEEK" => TimeSpan.FromDays(7),
                "DAY" => TimeSpan.FromDays(1),
                "HOUR" => TimeSpan.FromHours(1),
                "MINUTE" => TimeSpan.FromMinutes(1),
                "SECOND" => TimeSpan.FromSeconds(1),
                "MILLISECOND" => TimeSpan.FromMilliseconds(1),
                _ => null,
            };
            if (unit is null)
            {
                return null;
            }

            total += unit.Value * amount;
        }

        return words.Length >= 2 && words.Length % 2 == 0 ? total : null;
    }

    // Files and folders whose names begin with _ or . are not data, except partitions of a column named so.
    private static IEnumerable<string> FilesBelow(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            if (Path.GetFileName(path)[0] is not ('_' or '.'))
            {
                yield return path;
            }
        }

        foreach (var below in Directory.EnumerateDirectories(folder))
        {
            var name = Path.GetFileName(below);
            if (name[0] is not ('_' or '.') || (name[0] == '_' && name.Contains('=', StringComparison.Ordinal)))
            {
                foreach (var path in FilesBelow(below))
                {
                    yield return path;
                }
            }
        }
    }
}
