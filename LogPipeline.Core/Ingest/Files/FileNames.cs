namespace LogPipeline.Core.Ingest.Files;

/// <summary>Which file bears which name, to tell a new file from one that got another name.</summary>
internal sealed class FileNames
{
    private readonly Dictionary<string, (long, long, Int128)> renamed = new(StringComparer.Ordinal);
    private Dictionary<(long, long, Int128), string> bearers = [];

    /// <summary>The names of files that had no other name at the look before this one, and of those that cannot be opened.</summary>
    public IReadOnlyList<string> Look(IEnumerable<string> paths)
    {
        var present = new Dictionary<(long, long, Int128), string>();
        var own = new List<string>();
        foreach (var path in paths)
        {
            try
            {
                using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                if (IsOwn(path, FileIdentity.Of(file), present))
                {
                    own.Add(path);
                }
            }
            catch (FileNotFoundException)
            {
                // It went between the listing and this look.
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                own.Add(path);
            }
        }

        bearers = present;
        return own;
    }

    private bool IsOwn(string path, (long, long, Int128) identity, Dictionary<(long, long, Int128), string> present)
    {
        if (!present.TryAdd(identity, path))
        {
            return false;
        }

        if (bearers.TryGetValue(identity, out var before) && before != path)
        {
            renamed[path] = identity;
            return false;
        }

        return !renamed.TryGetValue(path, out var known) || known != identity;
    }
}
