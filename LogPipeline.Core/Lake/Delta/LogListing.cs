namespace LogPipeline.Core.Lake.Delta;

/// <summary>What <c>_delta_log</c> holds, by the names of its files. <c>_last_checkpoint</c> is a hint that may be stale or broken; the names are the truth.</summary>
internal sealed class LogListing
{
    private readonly HashSet<long> commits = [];
    private readonly List<Checkpoint> checkpoints = [];

    private LogListing()
    {
    }

    /// <summary>A complete checkpoint; one file, or all of its parts in order.</summary>
    internal sealed record Checkpoint(long Version, IReadOnlyList<string> Files);

    /// <summary>No commit and no checkpoint.</summary>
    public bool IsEmpty => commits.Count == 0 && checkpoints.Count == 0;

    /// <summary>Latest version that can be read.</summary>
    public long Latest { get; private set; } = -1;

    /// <summary>Oldest commit that is still there; -1 for none.</summary>
    public long FirstCommit { get; private set; } = -1;

    /// <summary>Whether the log still begins at version 0.</summary>
    public bool HasCommitsFromStart => FirstCommit == 0;

    public IReadOnlyCollection<long> Commits => commits;

    public IReadOnlyList<Checkpoint> Checkpoints => checkpoints;

    public bool HasCommit(long version) => commits.Contains(version);

    /// <summary>Complete checkpoints at or below a version, newest first.</summary>
    public IEnumerable<Checkpoint> CheckpointsUpTo(long version) =>
        checkpoints.Where(checkpoint => checkpoint.Version <= version).OrderByDescending(checkpoint => checkpoint.Version);

    public static LogListing Read(string folder)
    {
        var listing = new LogListing();
        var parts = new Dictionary<(long Version, int Parts), SortedDictionary<int, string>>();
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            var name = Path.GetFileName(path);
            var file = LogFile.Parse(name);
            switch (file.Kind)
            {
                case LogFileKind.Commit:
                    listing.commits.Add(file.Version);
                    listing.Latest = Math.Max(listing.Latest, file.Version);
                    listing.FirstCommit = listing.FirstCommit < 0 ? file.Version : Math.Min(listing.FirstCommit, file.Version);
                    break;
                case LogFileKind.Checkpoint:
                case LogFileKind.CheckpointV2:
                    listing.checkpoints.Add(new Checkpoint(file.Version, [name]));
                    break;
                case LogFileKind.CheckpointPart:
                    var key = (file.Version, file.Parts);
                    if (!parts.TryGetValue(key, out var found))
                    {
                        parts[key] = found = [];
                    }

                    found[file.Part] = name;
                    break;
                case LogFileKind.Other:
                default:
                    break;
            }
        }

        foreach (var ((version, count), found) in parts)
        {
            if (found.Count == count)
            {
                listing.checkpoints.Add(new Checkpoint(version, [.. found.Values]));
            }
        }

        foreach (var checkpoint in listing.checkpoints)
        {
            listing.Latest = Math.Max(listing.Latest, checkpoint.Version);
        }

        return listing;
    }
}
