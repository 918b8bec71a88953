using LogPipeline.Core.Ingest;

namespace LogPipeline.Core.EventLog;

/// <summary>What was taken in before: idempotency keys of the last 24 hours, at most 100,000, and how far each file was read.</summary>
/// <remarks>
/// Rebuilt when a log is opened: from entry headers and <c>origins.json</c>, or from Kafka's topics of origins. Safe from any thread.
/// </remarks>
internal sealed class OriginIndex
{
    public const int MaxKeys = 100_000;
    public const int MaxFiles = 100_000;
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(24);

    private readonly Dictionary<(string Key, int Chunk), long> keys = [];
    private readonly Queue<(string Key, int Chunk, long Micros)> order = new();
    private readonly Dictionary<string, FileRangeOrigin> files = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    public FileRangeOrigin? FindFile(string fingerprint)
    {
        lock (gate)
        {
            return files.GetValueOrDefault(fingerprint);
        }
    }

    public bool Knows(IdempotencyKeyOrigin origin, long nowMicros)
    {
        lock (gate)
        {
            Expire(nowMicros);
            return keys.ContainsKey((origin.Key, origin.Chunk));
        }
    }

    public void Add(BatchOrigin? origin, long micros)
    {
        lock (gate)
        {
            if (origin is IdempotencyKeyOrigin key && keys.TryAdd((key.Key, key.Chunk), micros))
            {
                order.Enqueue((key.Key, key.Chunk, micros));
                Expire(micros);
            }
            else if (origin is FileRangeOrigin file && (!files.TryGetValue(file.Fingerprint, out var known) || known.End < file.End))
            {
                // Removed first, so that enumeration is in the order of the last progress.
                files.Remove(file.Fingerprint);
                files.Add(file.Fingerprint, file);
                if (files.Count > MaxFiles)
                {
                    files.Remove(files.Keys.First());
                }
            }
        }
    }

    /// <summary>Everything that is known, oldest first.</summary>
    public (IReadOnlyList<(string Key, int Chunk, long Micros)> Keys, IReadOnlyList<FileRangeOrigin> Files) Read()
    {
        lock (gate)
        {
            return ([.. order], [.. files.Values]);
        }
    }

    /// <summary>Whether a batch was taken in before.</summary>
    public bool Knows(BatchOrigin? origin, long nowMicros) => origin switch
    {
        IdempotencyKeyOrigin key => Knows(key, nowMicros),
        FileRangeOrigin file => FindFile(file.Fingerprint) is { } known && GroupOrigins.Covers(known.End, file),
        _ => false,
    };

    private void Expire(long nowMicros)
    {
        var oldest = nowMicros - (MaxAge.Ticks / TimeSpan.TicksPerMicrosecond);
        while (order.TryPeek(out var first) && (order.Count > MaxKeys || first.Micros < oldest))
        {
            order.Dequeue();
            keys.Remove((first.Key, first.Chunk));
        }
    }
}
