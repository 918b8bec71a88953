using System.Globalization;

namespace LogPipeline.Core.Lake.Delta;

/// <summary>Replays a table's log: checkpoint first, then every commit after it.</summary>
internal static class LogReader
{
    /// <summary>The state at a version, or at the latest.</summary>
    /// <param name="table">Name for messages.</param>
    /// <param name="root">The table's folder.</param>
    /// <param name="wanted">Version, or null for the latest.</param>
    /// <returns>Null when the folder holds no log.</returns>
    /// <exception cref="LakeException">The log is broken, that version is not in it, or a feature is refused.</exception>
    public static TableState? Load(string table, string root, long? wanted = null)
    {
        var folder = Path.Combine(root, LogFile.Folder);
        if (!Directory.Exists(folder))
        {
            return null;
        }

        var listing = LogListing.Read(folder);
        if (listing.IsEmpty)
        {
            return null;
        }

        if (wanted is { } version && (version < 0 || version > listing.Latest))
        {
            throw new LakeException($"Table '{table}' has no version {version}; its latest is {listing.Latest}");
        }

        var state = new TableState();
        foreach (var checkpoint in listing.CheckpointsUpTo(wanted ?? long.MaxValue))
        {
            if (TryReadCheckpoint(folder, checkpoint, listing, out var actions))
            {
                state.Apply(actions);
                state.Version = checkpoint.Version;
                state.CommittedAt = TimeOf(Path.Combine(folder, checkpoint.Files[0]));
                break;
            }
        }

        var start = state.Version;
        for (var next = start + 1; next <= (wanted ?? listing.Latest); next++)
        {
            if (!listing.HasCommit(next))
            {
                throw new LakeException(start < 0 && next == 0
                    ? $"Table '{table}': versions before {listing.FirstCommit.ToString(CultureInfo.InvariantCulture)} are no longer in the log and no checkpoint stands for them"
                    : $"Table '{table}': version {next} is missing from the log");
            }

            ApplyCommit(state, folder, next);
        }

        if (start >= 0 && File.Exists(Path.Combine(folder, LogFile.CommitName(state.Version))))
        {
            state.CommittedAt = TimeOf(Path.Combine(folder, LogFile.CommitName(state.Version)));
        }

        Check(table, state);
        return state;
    }

    /// <summary>Applies the commits after the state's version; nothing is listed.</summary>
    /// <returns>Whether there were any.</returns>
    public static bool CatchUp(string table, string root, TableState state)
    {
        var folder = Path.Combine(root, LogFile.Folder);
        var moved = false;
        while (File.Exists(Path.Combine(folder, LogFile.CommitName(state.Version + 1))))
        {
            ApplyCommit(state, folder, state.Version + 1);
            moved = true;
        }

        if (moved)
        {
            Check(table, state);
        }

        return moved;
    }

    /// <summary>Refuses tables whose rows would come out wrong.</summary>
    public static void Check(string table, TableState state)
    {
        if (state.Protocol is null || state.Metadata is null)
        {
            throw new LakeException($"Table '{table}': its log holds no {(state.Protocol is null ? "protocol" : "metaData")} action");
        }

        ProtocolRules.CheckReadable(table, state.Protocol, state.Metadata);
        if (state.Files.Any(file => file.Add.DeletionVector is not null))
        {
            throw new LakeException($"Table '{table}' uses the Delta feature deletionVectors, which this release cannot read; Spark can, and REORG TABLE … APPLY (PURGE) there removes them");
        }
    }

    private static void ApplyCommit(TableState state, string folder, long version)
    {
        var path = Path.Combine(folder, LogFile.CommitName(version));
        var actions = ActionJson.ReadFile(path);
        state.Apply(actions);
        state.Version = version;
        var time = TimeOf(path);
        if (state.Metadata?.Configuration.GetValueOrDefault("delta.enableInCommitTimestamps") == "true"
            && actions.OfType<CommitInfoAction>().FirstOrDefault()?.InCommitTimestamp is { } millis)
        {
            time = DateTimeOffset.FromUnixTimeMilliseconds(millis);
        }

        // Commit times are made monotonic: a copied folder or a clock that went back must not reorder history.
        state.CommittedAt = time > state.CommittedAt ? time : state.CommittedAt.AddMilliseconds(1);
    }

    private static bool TryReadCheckpoint(string folder, LogListing.Checkpoint checkpoint, LogListing listing, out List<DeltaAction> actions)
    {
        actions = [];
        try
        {
            foreach (var file in checkpoint.Files)
            {
                actions.AddRange(CheckpointReader.Read(folder, file));
            }

            return true;
        }
        catch (Exception error) when (error is not LakeException && listing.HasCommitsFromStart)
        {
            // A broken checkpoint is no loss while every commit is still there.
            actions = [];
            return false;
        }
        catch (Exception error) when (error is ParquetSharp.ParquetException or IOException)
        {
            throw new LakeException($"Checkpoint {checkpoint.Files[0]} cannot be read: {error.Message}", error);
        }
    }

    private static DateTimeOffset TimeOf(string path) => new(File.GetLastWriteTimeUtc(path), TimeSpan.Zero);
}
