using System.Text.Json;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.Ingest;

namespace LogPipeline.Core.EventLog.Embedded;

/// <summary>What was taken in before: idempotency keys of the last 24 hours, at most 100,000, and how far each file was read.</summary>
/// <remarks>
/// Rebuilt from entry headers when a log is opened. Before a segment is removed, its share is kept in <c>origins.json</c>.
/// Used by the log's one writer; only <see cref="FindFile"/> is called from elsewhere.
/// </remarks>
internal sealed class OriginIndex
{
    public const int MaxKeys = 100_000;
    public const int MaxFiles = 100_000;
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(24);

    private const string FileName = "origins.json";
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

    public void Save(string folder)
    {
        byte[] content;
        lock (gate)
        {
            content = JsonSerializer.SerializeToUtf8Bytes(new Saved([.. order.Select(one => new SavedKey(one.Key, one.Chunk, one.Micros))], [.. files.Values]));
        }

        DurableFiles.Write(Path.Combine(folder, FileName), content);
    }

    public void Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return;
        }

        var saved = JsonSerializer.Deserialize<Saved>(File.ReadAllBytes(path)) ?? throw new EventLogException($"{path} is empty");
        foreach (var key in saved.Keys)
        {
            Add(new IdempotencyKeyOrigin(key.Key, key.Chunk), key.Micros);
        }

        foreach (var file in saved.Files)
        {
            Add(file, 0);
        }
    }

    private void Expire(long nowMicros)
    {
        var oldest = nowMicros - (MaxAge.Ticks / TimeSpan.TicksPerMicrosecond);
        while (order.TryPeek(out var first) && (order.Count > MaxKeys || first.Micros < oldest))
        {
            order.Dequeue();
            keys.Remove((first.Key, first.Chunk));
        }
    }

    private sealed record SavedKey(string Key, int Chunk, long Micros);

    private sealed record Saved(IReadOnlyList<SavedKey> Keys, IReadOnlyList<FileRangeOrigin> Files);
}
