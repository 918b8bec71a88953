using FASTER.core;

namespace LogPipeline.Core.EventLog.Embedded;

/// <summary>Where FASTER starts from.</summary>
/// <remarks>
/// FASTER would write a commit file beside every commit, a second synced write. The entries themselves say where the
/// log ends (<see cref="LogScan"/>), so that this hands FASTER what the scan found and keeps nothing.
/// </remarks>
internal sealed class CommitPoint(long begin, long until) : ILogCommitManager
{
    private const long Number = 1;

    /// <summary>A log that holds the addresses between two.</summary>
    public static CommitPoint At(long begin, long until) => new(begin, until);

    public void Commit(long beginAddress, long untilAddress, byte[] commitMetadata, long commitNum, bool forceWriteMetadata)
    {
    }

    public byte[] GetCommitMetadata(long commitNum) =>
        new FasterLogRecoveryInfo { BeginAddress = begin, UntilAddress = until, CommitNum = Number, Iterators = [] }.ToByteArray();

    public IEnumerable<long> ListCommits() => until > begin ? [Number] : [];

    public void RemoveCommit(long commitNum)
    {
    }

    public void RemoveAllCommits()
    {
    }

    public void OnRecovery(long commitNum)
    {
    }

    public void Dispose()
    {
    }
}
