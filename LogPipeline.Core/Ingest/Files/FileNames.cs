namespace LogPipeline.Core.Ingest.Files;

/// <summary>Which file bears which name, to tell a new file from one that got another name.</summary>
internal sealed class FileNames
{
    private readonly Dictionary<string, (long, long)> renamed = new(StringComparer.Ordinal);
    private Dictionary<(long, long), string> bearers = [];

    /// <summary>The names of files that had no other name at the look before this one.</summary>
    public IReadOnlyList<string> Look(IEnumerable<string> paths)
    {
        var present = new Dictionary<(long, long), string>();
        var own = new List<string>();
        foreach (var path in paths)
        {
            if (TryIdentify(path) is not { } identity || !present.TryAdd(identity, path))
            {
                continue;
            }

            if (bearers.TryGetValue(identity, out var before) && before != path)
            {
                renamed[path] = identity;
            }
            else if (!renamed.TryGetValue(path, out var known) || known != identity)
            {
                own.Add(path);
            }
        }

        bearers = present;
        return own;
    }

    private static (long, long)? TryIdentify(string path)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return FileIdentity.Of(file);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
