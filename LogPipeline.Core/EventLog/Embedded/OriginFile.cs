using System.Text.Json;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.Ingest;

namespace LogPipeline.Core.EventLog.Embedded;

/// <summary><c>origins.json</c>: what an <see cref="OriginIndex"/> knows, kept before the segments that told it are removed.</summary>
internal static class OriginFile
{
    private const string FileName = "origins.json";

    /// <summary>Writes everything that is known.</summary>
    public static void Save(string folder, OriginIndex origins)
    {
        var (keys, files) = origins.Read();
        DurableFiles.Write(
            Path.Combine(folder, FileName),
            JsonSerializer.SerializeToUtf8Bytes(new Saved([.. keys.Select(one => new SavedKey(one.Key, one.Chunk, one.Micros))], files)));
    }

    /// <summary>Adds what was kept.</summary>
    /// <exception cref="EventLogException">The file is empty.</exception>
    public static void Load(string folder, OriginIndex origins)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return;
        }

        var saved = JsonSerializer.Deserialize<Saved>(File.ReadAllBytes(path)) ?? throw new EventLogException($"{path} is empty");
        foreach (var key in saved.Keys)
        {
            origins.Add(new IdempotencyKeyOrigin(key.Key, key.Chunk), key.Micros);
        }

        foreach (var file in saved.Files)
        {
            origins.Add(file, 0);
        }
    }

    private sealed record SavedKey(string Key, int Chunk, long Micros);

    private sealed record Saved(IReadOnlyList<SavedKey> Keys, IReadOnlyList<FileRangeOrigin> Files);
}
