using System.Globalization;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Leases;
using LogPipeline.Core.Lake.Writing;
using LogPipeline.Spark.Broker;
using LogPipeline.Spark.Connect;

namespace LogPipeline.Spark.Streaming;

/// <summary>Stores batches of an embedded event log through Spark: staged as a Parquet file, and inserted by the session with the position after it as Delta's transaction.</summary>
/// <remarks>
/// Spark passes over an insert whose transaction the table has, and over nothing else: it would insert a longer batch that begins at the same place. So a
/// staged file is inserted again and again as it is, also after a restart, until the table has its transaction; only then is the next one cut. A file behind
/// which another engine has stored no longer begins where the table ends: it is thrown away, and what the table lacks is cut from the event log again.
/// </remarks>
internal sealed class StagedStore : IBatchStore
{
    private readonly IEventLog log;
    private readonly StreamTables tables;
    private readonly WriterLease lease;
    private readonly SparkBroker broker;
    private readonly StagingFolder staging;
    private readonly LakeEvents events;
    private readonly TimeProvider time;

    private StagedStore(IEventLog log, StreamTables tables, WriterLease lease, SparkBroker broker, StagingFolder staging, LakeEvents events, TimeProvider time)
    {
        this.log = log;
        this.tables = tables;
        this.lease = lease;
        this.broker = broker;
        this.staging = staging;
        this.events = events;
        this.time = time;
    }

    /// <inheritdoc/>
    public StreamPositions Positions => tables.Positions;

    /// <inheritdoc/>
    public TableWriterFigures? Figures { get; private set; }

    /// <summary>Inserts what was staged before, then opens the tables.</summary>
    /// <exception cref="LakeException">A table cannot take the stream.</exception>
    /// <exception cref="SparkException">Spark refuses.</exception>
    /// <exception cref="SparkServerException">There is no Spark.</exception>
    public static async Task<IBatchStore> OpenAsync(
        IEventLog log, LakeTables lake, WriterLease lease, LakeOptions options, SparkBroker broker, string folder, LakeEvents events, TimeProvider time, CancellationToken cancellationToken)
    {
        var tables = StreamTables.Open(log, lake, options);
        if (tables.Positions.IsHalfWay)
        {
            throw StreamStart.HalfWay(tables.Table.Name);
        }

        var staging = new StagingFolder(Path.Combine(folder, log.Stream.Name, log.LogId));
        var store = new StagedStore(log, tables, lease, broker, staging, events, time);
        var waiting = StillDue(staging.Waiting(), tables.Positions);
        if (waiting.Count > 0)
        {
            var connection = await broker.ConnectAsync(null, cancellationToken).ConfigureAwait(false);
            foreach (var batch in waiting)
            {
                await store.InsertAsync(connection, batch, cancellationToken).ConfigureAwait(false);
            }

            tables = StreamTables.Open(log, lake, options);
            store = new StagedStore(log, tables, lease, broker, staging, events, time);
        }

        events.Started(log.Stream.Name, tables.Table.Name, tables.Positions.Next);
        return store;
    }

    private static List<StagedBatch> StillDue(IReadOnlyList<StagedBatch> waiting, StreamPositions positions)
    {
        var due = new List<StagedBatch>();
        foreach (var batch in waiting)
        {
            var next = (positions.Of(batch.Partition) ?? -1) + 1;
            if (next == batch.First || next == batch.Last + 1)
            {
                due.Add(batch);
            }
            else
            {
                StagingFolder.Remove(batch);
            }
        }

        return due;
    }

    /// <inheritdoc/>
    public void MarkStored()
    {
        foreach (var partition in Positions.Partitions)
        {
            log.MarkStored(new EventPosition(partition, Positions.Of(partition)!.Value));
        }
    }

    /// <inheritdoc/>
    public async Task<SessionEnd?> StoreAsync(PendingCommit batch, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        try
        {
            var connection = await broker.ConnectAsync(null, cancellationToken).ConfigureAwait(false);
            foreach (var staged in Stage(batch))
            {
                if (!lease.Check())
                {
                    return new SessionEnd.LeaseLost();
                }

                await InsertAsync(connection, staged, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is SparkException or SparkServerException or IOException or UnauthorizedAccessException)
        {
            return new SessionEnd.Unavailable(error.Message);
        }

        var moves = batch.Last.Select(one => Positions.MoveTo(one.Key, one.Value)).ToList();
        Positions.Committed(moves, batch.Last.Select(one => (one.Key, one.Value)));
        MarkStored();
        Note(batch.Batches.Sum(one => (long)one.Events.Length), time.GetElapsedTime(started));
        return null;
    }

    /// <summary>Writes what is not in the tables into files that stay until it is.</summary>
    private List<StagedBatch> Stage(PendingCommit batch)
    {
        var (partition, last) = batch.Last.Single();
        var first = (Positions.Of(partition) ?? -1) + 1;
        var staged = new List<StagedBatch>();
        var letters = new List<DeadLetter>();
        var stored = tables.DeadLetters.Snapshot().Transactions.GetValueOrDefault(Positions.AppId(partition), -1);
        foreach (var one in batch.Batches)
        {
            for (var index = 0; index < one.Rejected.Count; index++)
            {
                if (one.OffsetOfRejected(index) <= stored)
                {
                    continue;
                }

                letters.Add(new DeadLetter(one.Rejected[index], tables.PartitionBase + partition, one.OffsetOfRejected(index), one.ReceivedAtOfRejected(index)));
            }
        }

        if (letters.Count > 0)
        {
            using var rows = DeadLetterTable.ToRows(log.Stream.Name, letters);
            staged.Add(staging.Write(isDeadLetters: true, partition, first, last, DeadLetterTable.Arrow, [rows]));
        }

        var dated = new DatedRows(tables.Shape, tables.PartitionBase);
        foreach (var one in batch.Batches)
        {
            dated.Add(one, alreadyIn: null);
        }

        staged.Add(staging.Write(isDeadLetters: false, partition, first, last, tables.Shape.Arrow, dated.ByDay.Values.SelectMany(rows => rows)));
        return staged;
    }

    private async Task InsertAsync(SparkConnection connection, StagedBatch batch, CancellationToken cancellationToken)
    {
        using var alive = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, connection.Lost);
        var target = batch.IsDeadLetters ? tables.DeadLetters : tables.Table;
        var dayOf = batch.IsDeadLetters ? StreamTable.ReceivedColumn : log.Stream.Schema.Columns[tables.Shape.TimeIndex].Name;
        var before = target.Snapshot();
        var started = time.GetTimestamp();
        try
        {
            await connection.Session.Read.Format("parquet").Load(batch.Path)
                .WithColumn(StreamTable.DateColumn, $"date_from_unix_date(CAST(unix_micros({Parsing.Sql.Name(dayOf)}) DIV 86400000000L AS INT))")
                .Write.Format("delta").Mode(SaveMode.Append)
                .Option("txnAppId", Positions.AppId(batch.Partition))
                .Option("txnVersion", batch.Last.ToString(CultureInfo.InvariantCulture))
                .SaveAsync(target.Root, cancellationToken: alive.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (connection.Lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new SparkSessionLostException("The session of Spark was lost");
        }
        catch (SparkException lost) when (lost is SparkSessionLostException or SparkConnectionException)
        {
            connection.Suspect();
            throw;
        }

        var after = target.Snapshot();
        if (!after.Transactions.TryGetValue(Positions.AppId(batch.Partition), out var stored) || stored < batch.Last)
        {
            throw new LakeException($"Spark inserted into table '{target.Name}' and did not commit the position {batch.Last}; it must be Delta Lake 3 or later");
        }

        Sync(target, before, after);
        StagingFolder.Remove(batch);
        if (after.Version != before.Version)
        {
            var rows = Math.Max(0, (after.RowCount - before.RowCount) ?? 0);
            events.Committed(target.Name, after.Version, rows, Math.Max(0, after.SizeBytes - before.SizeBytes), time.GetElapsedTime(started));
            if (batch.IsDeadLetters)
            {
                events.DeadLettered(log.Stream.Name, (int)rows);
            }
        }
    }

    /// <summary>Makes what Spark has committed durable: it does not sync, and the event log forgets what counts as stored.</summary>
    private static void Sync(DeltaTable target, TableSnapshot before, TableSnapshot after)
    {
        var known = before.Files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        var folders = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in after.Files.Where(file => !known.Contains(file.Path)))
        {
            Durable.SyncFile(file.Path);
            folders.Add(Path.GetDirectoryName(file.Path)!);
        }

        foreach (var folder in folders)
        {
            Durable.SyncFolder(folder);
        }

        for (var version = before.Version + 1; version <= after.Version; version++)
        {
            Durable.SyncFile(Path.Combine(target.LogFolder, LogFile.CommitName(version)));
        }

        Durable.SyncFolder(target.LogFolder);
        Durable.SyncFolder(target.Root);
    }

    private void Note(long rows, TimeSpan elapsed)
    {
        var now = time.GetUtcNow();
        Figures = new TableWriterFigures(now, rows, elapsed)
        {
            InputRowsPerSecond = Figures is { } before && now > before.CommittedAt ? rows / (now - before.CommittedAt).TotalSeconds : null,
            ProcessedRowsPerSecond = elapsed > TimeSpan.Zero ? rows / elapsed.TotalSeconds : null,
        };
    }
}
