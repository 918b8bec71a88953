namespace LogPipeline.Core.Lake.Delta;

/// <summary>A table at one version: the result of replaying its log. Changed in place by its owner only.</summary>
internal sealed class TableState
{
    private readonly Dictionary<string, LiveFile> files = new(StringComparer.Ordinal);
    private readonly Tombstones tombstones = new();
    private readonly Dictionary<string, TxnAction> txns = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyDictionary<string, string?>> partitions = new(StringComparer.Ordinal);

    /// <summary>Version that the state stands for; -1 before the first.</summary>
    public long Version { get; set; } = -1;

    /// <summary>When that version was committed.</summary>
    public DateTimeOffset CommittedAt { get; set; }

    public ProtocolAction? Protocol { get; private set; }

    public MetadataAction? Metadata { get; private set; }

    public Dictionary<string, LiveFile>.ValueCollection Files => files.Values;

    public int FileCount => files.Count;

    public int TombstoneCount => tombstones.Count;

    public Dictionary<string, TxnAction>.ValueCollection Txns => txns.Values;

    /// <summary>Position of an application, or null.</summary>
    public long? PositionOf(string appId) => txns.TryGetValue(appId, out var txn) ? txn.Version : null;

    /// <summary>Whether a file is live.</summary>
    public bool Holds(string path) => files.ContainsKey(DeltaPath.KeyOf(path));

    /// <summary>Tombstones of files deleted up to a time, in milliseconds since 1970.</summary>
    public List<RemoveFile> TombstonesUntil(long millis) => tombstones.Until(millis);

    /// <summary>A copy of the tombstones of files deleted after a time, in milliseconds since 1970.</summary>
    public TombstonesCopy TombstonesAfter(long millis) => tombstones.CopyAfter(millis);

    /// <summary>Forgets a tombstone whose file is gone.</summary>
    public void Forget(RemoveFile tombstone) => tombstones.Remove(KeyOf(tombstone.Path, tombstone.DeletionVector));

    /// <summary>Applies the actions of one commit or checkpoint; their order within it means nothing.</summary>
    public void Apply(IReadOnlyList<DeltaAction> actions)
    {
        foreach (var action in actions)
        {
            switch (action)
            {
                case RemoveFile remove:
                    var removed = KeyOf(remove.Path, remove.DeletionVector);
                    files.Remove(removed);
                    tombstones.Set(removed, remove.PartitionValues is { } values ? remove with { PartitionValues = OneOf(values) } : remove);
                    break;
                case TxnAction txn:
                    txns[txn.AppId] = txn;
                    break;
                case ProtocolAction protocol:
                    Protocol = protocol;
                    break;
                case MetadataAction metadata:
                    Metadata = metadata;
                    break;
                default:
                    break;
            }
        }

        foreach (var action in actions)
        {
            if (action is AddFile add)
            {
                var key = KeyOf(add.Path, add.DeletionVector);
                files[key] = new LiveFile(add with { PartitionValues = OneOf(add.PartitionValues) });
                tombstones.Remove(key);
            }
        }
    }

    // Files and tombstones of one partition share their values.
    private IReadOnlyDictionary<string, string?> OneOf(IReadOnlyDictionary<string, string?> values)
    {
        var text = string.Join('\n', values.Select(value => value.Key + "=" + (value.Value ?? "\0")));
        if (!partitions.TryGetValue(text, out var one))
        {
            partitions[text] = one = values;
        }

        return one;
    }

    private static string KeyOf(string path, DeletionVector? vector) =>
        vector is null ? DeltaPath.KeyOf(path) : DeltaPath.KeyOf(path) + "\n" + vector.UniqueId;
}

/// <summary>A live file and, once somebody has asked, its form for queries.</summary>
internal sealed class LiveFile(AddFile add)
{
    private DataFile? file;

    public AddFile Add { get; } = add;

    /// <summary>Rows by the statistics, or null.</summary>
    public long? Rows { get; } = FileStatsJson.ReadRows(add.Stats);

    public DataFile AsDataFile(string tableRoot) => file ??= new DataFile(
        DeltaPath.Resolve(tableRoot, Add.Path),
        Add.Size,
        DateTimeOffset.FromUnixTimeMilliseconds(Add.ModificationTime),
        WithoutEmpty(Add.PartitionValues),
        Add.Stats)
    {
        Rows = Rows,
    };

    // The protocol writes a null partition value as null or as the empty string.
    private static IReadOnlyDictionary<string, string?> WithoutEmpty(IReadOnlyDictionary<string, string?> values) =>
        values.Values.All(value => value is not "") ? values : values.ToDictionary(one => one.Key, one => one.Value is "" ? null : one.Value, StringComparer.Ordinal);
}
