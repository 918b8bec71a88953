namespace LogPipeline.Core.Lake;

/// <summary>How tables are written and kept. Section <c>LogPipeline:Lake</c>.</summary>
public sealed class LakeOptions
{
    /// <summary>Folder that holds one folder a table. Empty means <c>lake</c> in the data folder; variable <c>DELTA_LAKE_PATH</c>.</summary>
    public string Path { get; set; } = "";

    /// <summary>Rows wait at most this long for their commit, unless the disk is slower. 0.05 to 60 s.</summary>
    public TimeSpan CommitInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>A commit is made once this many bytes of Arrow columns wait, whatever <see cref="CommitInterval"/> says. 1 MiB to 1 GiB. Memory use is about three times this.</summary>
    public long CommitBytes { get; set; } = 64L << 20;

    /// <summary>How often tables by minute are derived from the tables that hold the events. 1 s to 1 h.</summary>
    public TimeSpan ByMinuteInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Size that compaction merges small files towards, in bytes. 1 MiB to 1 GiB.</summary>
    public long TargetFileBytes { get; set; } = 128L << 20;

    /// <summary>Whether small files are merged in the background.</summary>
    public bool AutoCompaction { get; set; } = true;

    /// <summary>Files of like size in one partition that start a compaction. 2 to 10,000.</summary>
    public int CompactionFiles { get; set; } = 50;

    /// <summary>Files younger than this are left alone by compaction. Up to 1 day.</summary>
    public TimeSpan CompactionMinAge { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>A host that writes tables renews its lease three times in this time; another one takes over when it was not renewed for so long. 3 s to 10 min.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// A host that is told to end stores what its event log holds, for at most this long; the rest is stored after the next start. Ctrl-C ends within
    /// five seconds with the standard, which <c>pipeline start</c> raises to 45 s for the host in the background. Up to 10 min.
    /// </summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(2.5);

    /// <summary>How long the log of a table that has no <c>delta.logRetentionDuration</c> is kept. At least <see cref="DeletedFileRetention"/>.</summary>
    public TimeSpan LogRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long files that compaction replaced are kept for readers of earlier versions, in tables without <c>delta.deletedFileRetentionDuration</c>. At least 1 h.</summary>
    public TimeSpan DeletedFileRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Identity of an event log that tables of its stream are to accept although they were written from another log, which starts from its beginning. Empty refuses such a log.</summary>
    public string AdoptLog { get; set; } = "";

    /// <summary>Whether <see cref="AdoptLog"/> names an event log.</summary>
    /// <param name="logId">Identity of the log.</param>
    internal bool Adopts(string logId) => string.Equals(AdoptLog, logId, StringComparison.OrdinalIgnoreCase);
}
