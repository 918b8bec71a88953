using System.Globalization;
using System.Text.Json;
using LogPipeline.Core.Lake.Delta;

namespace LogPipeline.Core.Lake.Writing;

/// <summary>Commits an append together with the positions after it.</summary>
/// <param name="mayCommit">Whether this process is the tables' writer now.</param>
/// <param name="events">What is told.</param>
/// <param name="time">The clock.</param>
/// <param name="committed">Told of every new version.</param>
internal sealed class AppendCommit(Func<bool> mayCommit, LakeEvents events, TimeProvider time, Action<DeltaTable> committed)
{
    /// <summary>Syncs the files and commits them.</summary>
    /// <returns>Null when it is done; else why what follows must not be committed.</returns>
    public SessionEnd? Commit(DeltaTable target, MetadataAction basedOn, AppendFiles files, IReadOnlyList<TxnMove> moves, long started)
    {
        try
        {
            files.Sync();
        }
        catch (IOException error)
        {
            return new SessionEnd.Unavailable(error.Message);
        }

        if (!mayCommit())
        {
            files.Discard();
            return new SessionEnd.LeaseLost();
        }

        var recent = target.Recent;
        var outcome = target.Commit(new CommitRequest("WRITE")
        {
            Adds = files.Adds,
            Txns = moves,
            BasedOn = basedOn,
            IsBlindAppend = true,
            Parameters = new Dictionary<string, string?>
            {
                ["mode"] = "Append",
                ["partitionBy"] = JsonSerializer.Serialize(basedOn.PartitionColumns),
            },
            Metrics = new Dictionary<string, string?>
            {
                ["numFiles"] = files.Adds.Count.ToString(CultureInfo.InvariantCulture),
                ["numOutputRows"] = files.Rows.ToString(CultureInfo.InvariantCulture),
                ["numOutputBytes"] = files.Bytes.ToString(CultureInfo.InvariantCulture),
            },
        });
        switch (outcome)
        {
            case CommitOutcome.Committed(var version):
                var elapsed = time.GetElapsedTime(started);
                recent.Add(files.Rows, elapsed);
                events.Committed(target.Name, version, files.Rows, files.Bytes, elapsed);
                committed(target);
                return null;
            case CommitOutcome.Unavailable(var reason):
                // The commit may be there: its files stay.
                return new SessionEnd.Unavailable(reason);
            case CommitOutcome.Conflict(var reason):
                files.Discard();
                events.Conflicted(target.Name, reason);
                return new SessionEnd.ReadAgain();
            default:
                files.Discard();
                events.Conflicted(target.Name, "the table holds these events already");
                return new SessionEnd.ReadAgain();
        }
    }
}
