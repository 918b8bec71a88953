using System.Text.Json;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Lake.Delta;

/// <summary>One table of this process: its state in memory, kept up with its log, and the commits to it.</summary>
/// <remarks>
/// One lock guards the state. It is held from the check of a commit to the fsync after it, so that commits of this process never
/// race each other; against other processes <see cref="AtomicCommit"/> decides, and the loser reads the winner before it tries again.
/// Calls block on the disk; callers on a request's thread hand them to the pool.
/// </remarks>
internal sealed class DeltaTable
{
    private readonly Lock gate = new();
    private readonly Lazy<AtomicCommit> commits;
    private readonly TimeProvider time;
    private readonly string logFolder;
    private TableState state;
    private DateTime latestFileTime;
    private readonly Lazy<RecentCommits> recent;
    private TableSnapshot? snapshot;

    private DeltaTable(string name, string root, TableState state, Lazy<AtomicCommit> commits, TimeProvider time)
    {
        Name = name;
        Root = root;
        this.state = state;
        this.commits = commits;
        this.time = time;
        logFolder = Path.Combine(root, LogFile.Folder);
        latestFileTime = TimeOfLatest();
        recent = new Lazy<RecentCommits>(() => RecentCommits.Read(logFolder, state.Version));
    }

    /// <summary>Figures of the latest appends.</summary>
    public RecentCommits Recent => recent.Value;

    /// <summary>What every commit of ours says made it.</summary>
    public static string EngineInfo { get; } = "LogPipeline/" + typeof(DeltaTable).Assembly.GetName().Version!.ToString(3);

    public string Name { get; }

    public string Root { get; }

    public string LogFolder => logFolder;

    /// <summary>What tests observe.</summary>
    public AtomicCommit Commits => commits.Value;

    /// <summary>Opens a table, or returns null when the folder has no log.</summary>
    /// <exception cref="LakeException">The table cannot be read.</exception>
    public static DeltaTable? Open(string name, string root, Lazy<AtomicCommit> commits, TimeProvider time) =>
        LogReader.Load(name, root) is { } state ? new DeltaTable(name, root, state, commits, time) : null;

    /// <summary>Opens a table, or makes it.</summary>
    /// <exception cref="LakeException">The table cannot be read.</exception>
    /// <exception cref="IOException">The volume failed.</exception>
    public static DeltaTable OpenOrCreate(
        string name, string root, StructType schema, IReadOnlyList<string> partitionColumns, IReadOnlyDictionary<string, string?> configuration, Lazy<AtomicCommit> commits, TimeProvider time)
    {
        if (Open(name, root, commits, time) is { } existing)
        {
            return existing;
        }

        var now = time.GetUtcNow();
        Durable.CreateFolder(Path.Combine(root, LogFile.Folder));
        var content = CommitJson.Write(
        [
            new CommitInfoAction(now.ToUnixTimeMilliseconds(), "CREATE TABLE")
            {
                OperationParameters = new Dictionary<string, string?>
                {
                    ["partitionBy"] = JsonSerializer.Serialize(partitionColumns),
                    ["properties"] = JsonSerializer.Serialize(configuration),
                    ["isManaged"] = "false",
                },
                IsolationLevel = "Serializable",
                IsBlindAppend = true,
                EngineInfo = EngineInfo,
                TxnId = Guid.NewGuid().ToString(),
            },
            new ProtocolAction(ProtocolRules.ReaderVersion, ProtocolRules.WriterVersion),
            new MetadataAction(Guid.NewGuid().ToString(), SchemaJson.Write(schema), partitionColumns)
            {
                Configuration = configuration,
                CreatedTime = now.ToUnixTimeMilliseconds(),
            },
        ]);

        // Losing this race is as good as winning it: the table is there.
        commits.Value.TryCommit(Path.Combine(root, LogFile.Folder), 0, content.Span, now);
        return Open(name, root, commits, time) ?? throw new LakeException($"Table '{name}': its log vanished while it was being made");
    }

    /// <summary>Reads what others committed, then lets a caller look at the state; nothing of it may be kept.</summary>
    public T Read<T>(Func<TableState, T> look)
    {
        lock (gate)
        {
            Refresh();
            return look(state);
        }
    }

    /// <summary>The latest version; the same object as long as nothing changed.</summary>
    public TableSnapshot Snapshot()
    {
        lock (gate)
        {
            Refresh();
            return snapshot ??= MakeSnapshot(Name, Root, state);
        }
    }

    /// <summary>A state as queries see it.</summary>
    public static TableSnapshot MakeSnapshot(string name, string root, TableState state)
    {
        var files = new DataFile[state.FileCount];
        long? rows = 0;
        long bytes = 0;
        var index = 0;
        foreach (var live in state.Files)
        {
            files[index++] = live.AsDataFile(root);
            rows += live.Rows;
            bytes += live.Add.Size;
        }

        return new TableSnapshot(
            name, root, state.Version, state.CommittedAt, SchemaJson.Parse(state.Metadata!.SchemaString), state.Metadata.PartitionColumns, files)
        {
            RowCount = rows,
            SizeBytes = bytes,
            Transactions = state.Txns.ToDictionary(txn => txn.AppId, txn => txn.Version, StringComparer.Ordinal),
        };
    }

    /// <summary>Commits, trying again after every version lost to a commit that does not concern this one.</summary>
    /// <exception cref="LakeException">The table has rules that this writer cannot keep.</exception>
    public CommitOutcome Commit(CommitRequest request)
    {
        lock (gate)
        {
            try
            {
                Refresh();
                while (true)
                {
                    ProtocolRules.CheckWritable(Name, state.Protocol!, state.Metadata!);
                    if (CheckConflicts(request) is { } lost)
                    {
                        return lost;
                    }

                    var now = CommitTime();
                    var actions = ActionsOf(request, now);
                    if (commits.Value.TryCommit(logFolder, state.Version + 1, CommitJson.Write(actions).Span, now))
                    {
                        state.Apply(actions);
                        state.Version++;
                        state.CommittedAt = now;
                        snapshot = null;
                        latestFileTime = TimeOfLatest();
                        return new CommitOutcome.Committed(state.Version);
                    }

                    Refresh();
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return new CommitOutcome.Unavailable(error.Message);
            }
        }
    }

    /// <summary>A copy of what a checkpoint of the present version holds; tombstones of files that may have gone are left out.</summary>
    public CheckpointContent CopyForCheckpoint(DateTimeOffset tombstonesSince)
    {
        lock (gate)
        {
            var since = tombstonesSince.ToUnixTimeMilliseconds();
            return new CheckpointContent(
                state.Version,
                state.Protocol!,
                state.Metadata!,
                [.. state.Txns],
                [.. state.Files.Select(file => file.Add)],
                state.TombstonesAfter(since));
        }
    }

    /// <summary>Forgets tombstones whose files are gone.</summary>
    public void Forget(IEnumerable<RemoveFile> tombstones)
    {
        lock (gate)
        {
            foreach (var tombstone in tombstones)
            {
                state.Forget(tombstone);
            }
        }
    }

    /// <summary>Reads the whole log again.</summary>
    /// <exception cref="LakeException">The table is gone or cannot be read.</exception>
    public void Reload()
    {
        lock (gate)
        {
            latestFileTime = default;
            Refresh();
        }
    }

    private void Refresh()
    {
        // A commit file that changed under its name means that the table was dropped and made anew.
        if (TimeOfLatest() != latestFileTime)
        {
            state = LogReader.Load(Name, Root) ?? throw new LakeException($"Table '{Name}' is gone from {Root}");
            snapshot = null;
            latestFileTime = TimeOfLatest();
        }

        if (LogReader.CatchUp(Name, Root, state))
        {
            snapshot = null;
            latestFileTime = TimeOfLatest();
        }
    }

    private DateTime TimeOfLatest() => File.GetLastWriteTimeUtc(Path.Combine(logFolder, LogFile.CommitName(state.Version)));

    // Never before the commit that it follows, in whole milliseconds as in the log.
    private DateTimeOffset CommitTime()
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        var next = DateTimeOffset.FromUnixTimeMilliseconds(state.CommittedAt.ToUnixTimeMilliseconds() + 1);
        return now > next ? now : next;
    }

    private CommitOutcome? CheckConflicts(CommitRequest request)
    {
        if (request.Txns.Count > 0 && CheckTxns(request.Txns) is { } lost)
        {
            return lost;
        }

        if (request.BasedOn is { } basis && !SameTable(basis, state.Metadata!))
        {
            return new CommitOutcome.Conflict($"the schema of table '{Name}' was changed");
        }

        if (request.Removes.FirstOrDefault(remove => !state.Holds(remove.Path)) is { } gone)
        {
            return new CommitOutcome.Conflict($"file {gone.Path} was removed by another commit");
        }

        if (request.Removes.Any(remove => remove.DataChange) && ProtocolRules.IsAppendOnly(state.Metadata!))
        {
            throw new LakeException($"Table '{Name}' is append-only (delta.appendOnly); rows cannot be removed");
        }

        return null;
    }

    // Where a winner moved our position to or beyond ours, our rows are in. Anywhere else they are partly in: read again.
    private CommitOutcome? CheckTxns(IReadOnlyList<TxnMove> moves)
    {
        if (moves.All(move => state.PositionOf(move.AppId) == move.Base))
        {
            return null;
        }

        var positions = moves.Where(move => !move.IsNote && move.Version is not null).ToList();
        return positions.Count > 0 && positions.All(move => state.PositionOf(move.AppId) >= move.Version)
            ? new CommitOutcome.AlreadyCommitted(state.Version)
            : new CommitOutcome.Conflict($"another writer moved the position in table '{Name}'");
    }

    private static bool SameTable(MetadataAction one, MetadataAction other) =>
        ReferenceEquals(one, other)
        || (one.Id == other.Id && one.SchemaString == other.SchemaString && one.PartitionColumns.SequenceEqual(other.PartitionColumns, StringComparer.Ordinal));

    private List<DeltaAction> ActionsOf(CommitRequest request, DateTimeOffset now)
    {
        var millis = now.ToUnixTimeMilliseconds();
        List<DeltaAction> actions =
        [
            new CommitInfoAction(millis, request.Operation)
            {
                OperationParameters = request.Parameters,
                OperationMetrics = request.Metrics,
                ReadVersion = state.Version,
                IsolationLevel = request.Removes.Count > 0 ? "SnapshotIsolation" : "WriteSerializable",
                IsBlindAppend = request.IsBlindAppend,
                EngineInfo = EngineInfo,
                TxnId = Guid.NewGuid().ToString(),
            },
        ];
        if (request.Metadata is not null)
        {
            actions.Add(request.Metadata);
        }

        actions.AddRange(request.Txns.Where(move => move.Version is not null).Select(move => new TxnAction(move.AppId, move.Version!.Value, millis)));
        actions.AddRange(request.Removes);
        actions.AddRange(request.Adds);
        return actions;
    }
}
