using LogPipeline.Core.Ingest;

namespace LogPipeline.Core.EventLog;

/// <summary>Origins of the batches that wait for one commit.</summary>
/// <remarks>
/// Only batches that were accepted are here: a repeat of one that was refused is no repeat. A repeat of one that is here
/// is answered after the commit, because until then neither is durable.
/// </remarks>
internal sealed class GroupOrigins
{
    private readonly HashSet<(string Key, int Chunk)> keys = [];
    private readonly Dictionary<string, long> fileEnds = new(StringComparer.Ordinal);

    public bool Knows(BatchOrigin? origin) => origin switch
    {
        IdempotencyKeyOrigin key => keys.Contains((key.Key, key.Chunk)),
        FileRangeOrigin file => fileEnds.TryGetValue(file.Fingerprint, out var end) && Covers(end, file),
        _ => false,
    };

    public void Add(BatchOrigin? origin)
    {
        if (origin is IdempotencyKeyOrigin key)
        {
            keys.Add((key.Key, key.Chunk));
        }
        else if (origin is FileRangeOrigin file)
        {
            fileEnds[file.Fingerprint] = Math.Max(file.End, fileEnds.GetValueOrDefault(file.Fingerprint));
        }
    }

    /// <summary>Whether a file that was taken in up to a byte holds this range already.</summary>
    public static bool Covers(long takenTo, FileRangeOrigin range) => takenTo >= range.End && takenTo > range.Start && range.Start >= 0;
}
