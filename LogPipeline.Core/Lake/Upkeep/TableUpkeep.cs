using System.Globalization;
using LogPipeline.Core.Lake.Delta;

namespace LogPipeline.Core.Lake.Upkeep;

/// <summary>Upkeep of one table: checkpoints, merging of small files, deletion of what no version within the retention needs.</summary>
internal sealed class TableUpkeep(DeltaTable table, LakeOptions options, LakeEvents events, TimeProvider time)
{
    public const string IntervalProperty = "delta.checkpointInterval";
    private const int DefaultInterval = 10;
    private static readonly TimeSpan CompactionPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CleanupPause = TimeSpan.FromHours(1);

    private readonly Lock working = new();
    private readonly Compaction compaction = new(table, options, time);
    private readonly Cleanup cleanup = new(table, options, time);
    private int requested;
    private long compactedAt = long.MinValue;
    private long cleanedAt = long.MinValue;
    private long? checkpoint;

    /// <summary>Version of the latest checkpoint; -1 for none.</summary>
    public long CheckpointVersion => checkpoint ??= FindCheckpoint();

    public bool TryRequest() => Interlocked.Exchange(ref requested, 1) == 0;

    public void TakeRequest() => Interlocked.Exchange(ref requested, 0);

    /// <summary>Does what is due now.</summary>
    public void Work(CancellationToken cancellationToken)
    {
        lock (working)
        {
            if (options.AutoCompaction && IsDue(ref compactedAt, CompactionPause))
            {
                Report(compaction.RunDue(cancellationToken));
            }

            WriteCheckpointIfDue();
            if (IsDue(ref cleanedAt, CleanupPause))
            {
                events.Deleted(table.Name, cleanup.DeleteExpiredFiles(cancellationToken), "data files that no kept version names");
                events.Deleted(table.Name, cleanup.CleanLog(), "files of the log");
            }
        }
    }

    /// <summary>What merging every small file would do.</summary>
    public CompactionPlan PlanOptimize() => compaction.PlanAll();

    /// <summary>Merges every small file now.</summary>
    public CompactionResult Optimize(CancellationToken cancellationToken)
    {
        lock (working)
        {
            var result = compaction.RunAll(cancellationToken);
            Report(result);
            WriteCheckpointIfDue();
            return result;
        }
    }

    /// <summary>Deletes files that no version within a retention names.</summary>
    /// <exception cref="LakeException">The retention is below the table's own and not forced.</exception>
    public VacuumResult Vacuum(TimeSpan? retention, bool dryRun, bool force, CancellationToken cancellationToken)
    {
        lock (working)
        {
            var own = cleanup.FileRetention();
            var wanted = retention ?? own;
            if (wanted < own && !force)
            {
                throw new LakeException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Table '{table.Name}' keeps deleted files for {own.TotalHours:0.##} hours; deleting those of the last {wanted.TotalHours:0.##} hours breaks readers of earlier versions. Force it, or set delta.deletedFileRetentionDuration"));
            }

            var unused = cleanup.FindUnused(wanted);
            var result = new VacuumResult([.. unused.Select(file => file.FullName)], unused.Sum(file => file.Length), dryRun);
            if (!dryRun)
            {
                events.Deleted(table.Name, Cleanup.Delete(unused, cancellationToken), "data files by vacuum");
            }

            return result;
        }
    }

    private void Report(CompactionResult result)
    {
        if (result.FilesRemoved > 0)
        {
            events.Compacted(table.Name, result.FilesRemoved, result.FilesAdded, result.BytesAdded, result.Elapsed);
        }
    }

    private void WriteCheckpointIfDue()
    {
        checkpoint ??= FindCheckpoint();
        var (version, actions, configured) = table.Read(state => (state.Version, state.FileCount + state.TombstoneCount, ConfiguredInterval(state.Metadata!)));
        var interval = IntervalFor(actions, configured);
        if (version - checkpoint < interval)
        {
            return;
        }

        if (interval != configured)
        {
            version = SetInterval(interval) ?? version;
        }

        var started = time.GetTimestamp();
        var content = table.CopyForCheckpoint(cleanup.TombstonesSince());
        var size = CheckpointWriter.Write(table.LogFolder, content);
        checkpoint = content.Version;
        events.CheckpointWritten(table.Name, content.Version, size, time.GetElapsedTime(started));
    }

    /// <summary>Versions between checkpoints: a hundredth of the actions in one, so that checkpoints cost every commit the same. Steps of 1, 2 and 5 keep it from changing all the time.</summary>
    internal static int IntervalFor(int actions, int configured)
    {
        var wanted = Math.Max(DefaultInterval, actions / 100);
        if (wanted <= configured && configured <= wanted * 4)
        {
            return configured;
        }

        var step = DefaultInterval;
        while (step < wanted)
        {
            step = step.ToString(CultureInfo.InvariantCulture)[0] == '2' ? step / 2 * 5 : step * 2;
        }

        return step;
    }

    private long FindCheckpoint() => LogListing.Read(table.LogFolder).CheckpointsUpTo(long.MaxValue).FirstOrDefault()?.Version ?? -1;

    private static int ConfiguredInterval(MetadataAction metadata) =>
        metadata.Configuration.GetValueOrDefault(IntervalProperty) is { } text
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var interval) && interval > 0 ? interval : DefaultInterval;

    private long? SetInterval(int interval)
    {
        var text = interval.ToString(CultureInfo.InvariantCulture);
        var metadata = table.Read(state => state.Metadata!);
        var configuration = metadata.Configuration.ToDictionary(StringComparer.Ordinal);
        configuration[IntervalProperty] = text;
        var outcome = table.Commit(new CommitRequest("SET TBLPROPERTIES")
        {
            Metadata = metadata with { Configuration = configuration },
            BasedOn = metadata,
            Parameters = new Dictionary<string, string?> { ["properties"] = $$"""{"{{IntervalProperty}}":"{{text}}"}""" },
        });
        return (outcome as CommitOutcome.Committed)?.Version;
    }

    private bool IsDue(ref long last, TimeSpan pause)
    {
        if (last != long.MinValue && time.GetElapsedTime(last) < pause)
        {
            return false;
        }

        last = time.GetTimestamp();
        return true;
    }
}
