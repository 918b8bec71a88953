using System.Collections.Concurrent;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Leases;
using LogPipeline.Core.Types;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Lake;

/// <summary>The tables of this process, one <see cref="DeltaTable"/> a folder, so that writer, upkeep and queries share one state.</summary>
internal sealed class LakeTables
{
    private readonly ConcurrentDictionary<string, DeltaTable> opened = new(StringComparer.Ordinal);
    private readonly Lock opening = new();
    private readonly Lazy<AtomicCommit> commits;
    private readonly TimeProvider time;

    public LakeTables(IOptions<LakeOptions> options, TimeProvider time, DataFolder? folder = null)
        : this(RootOf(options.Value, folder), time, options.Value.LeaseDuration)
    {
    }

    internal LakeTables(string root, TimeProvider time, TimeSpan? leaseDuration = null)
    {
        Root = Path.GetFullPath(root);
        this.time = time;
        commits = new Lazy<AtomicCommit>(() =>
        {
            Durable.CreateFolder(Root);
            return AtomicCommit.Probe(Root);
        });
        Leases = new TableLeases(Root, commits, leaseDuration ?? new LakeOptions().LeaseDuration, time);
    }

    /// <summary>Absolute path of the folder that holds every table.</summary>
    public string Root { get; }

    /// <summary>Who may write.</summary>
    public TableLeases Leases { get; }

    /// <summary>How this volume commits; probed at first use.</summary>
    /// <exception cref="LakeException">The volume cannot commit safely.</exception>
    public AtomicCommit Commits => commits.Value;

    /// <summary>Names of the tables, sorted.</summary>
    public IReadOnlyList<string> Names()
    {
        if (!Directory.Exists(Root))
        {
            return [];
        }

        return [.. Directory.EnumerateDirectories(Root)
            .Where(folder => Directory.Exists(Path.Combine(folder, LogFile.Folder)))
            .Select(folder => Path.GetFileName(folder))
            .Where(name => name[0] is not ('.' or '_'))
            .Order(StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>A table by its name without regard to case; null when there is none.</summary>
    /// <exception cref="LakeException">The table cannot be read.</exception>
    public DeltaTable? Find(string name)
    {
        if (name.Length == 0 || name.AsSpan().ContainsAny('/', '\\', '\0'))
        {
            return null;
        }

        if (Names().FirstOrDefault(one => string.Equals(one, name, StringComparison.OrdinalIgnoreCase)) is not { } exact)
        {
            opened.TryRemove(name, out _);
            return null;
        }

        if (opened.TryGetValue(exact, out var table))
        {
            return table;
        }

        lock (opening)
        {
            if (!opened.TryGetValue(exact, out table)
                && (table = DeltaTable.Open(exact, Path.Combine(Root, exact), commits, time)) is not null)
            {
                opened[exact] = table;
            }

            return table;
        }
    }

    /// <summary>A table by its name without regard to case.</summary>
    /// <exception cref="LakeException">There is none, or it cannot be read.</exception>
    public DeltaTable Get(string name) => Find(name) ?? throw new LakeException(
        Names() is { Count: > 0 } names
            ? $"There is no table '{name}'; there are {string.Join(", ", names)}"
            : $"There is no table '{name}'; the lake in {Root} is empty");

    /// <summary>A table that is made when it is not there.</summary>
    /// <exception cref="LakeException">The table cannot be read, or the volume cannot commit safely.</exception>
    /// <exception cref="IOException">The volume failed.</exception>
    public DeltaTable OpenOrCreate(string name, StructType schema, IReadOnlyList<string> partitionColumns)
    {
        lock (opening)
        {
            if (Find(name) is { } existing)
            {
                return existing;
            }

            var table = DeltaTable.OpenOrCreate(name, Path.Combine(Root, name), schema, partitionColumns, new Dictionary<string, string?>(), commits, time);
            opened[name] = table;
            return table;
        }
    }

    private static string RootOf(LakeOptions options, DataFolder? folder) =>
        options.Path.Length > 0 ? options.Path
        : folder?.Lake ?? throw new InvalidOperationException("Neither LogPipeline:Lake:Path nor a data folder is configured");
}
