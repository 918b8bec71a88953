using System.Globalization;
using System.Text.Json;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Writing;

namespace LogPipeline.Spark.Streaming;

/// <summary>The checkpoints of one stream's two queries, over the topic as it was when they were made.</summary>
/// <remarks>
/// A folder holds <c>start.json</c> (ours: which log, and where the queries began), <c>rows/</c> and <c>dead-letters/</c>, which are Spark's. Of
/// those are read: <c>metadata</c> (the query's id, which the table's transactions carry) and <c>offsets/N</c> (where batch N ends), whose third line is,
/// for a Kafka source, as in the sample <c>{"web-logs":{"0":1204,"1":77}}</c>. Source: Spark's OffsetSeqLog, version 1.
/// </remarks>
internal sealed class StreamCheckpoint
{
    private const string StartFile = "start.json";
    private readonly StartRecord start;

    private StreamCheckpoint(string folder, StartRecord start)
    {
        Folder = folder;
        this.start = start;
    }

    /// <summary>Its folder.</summary>
    public string Folder { get; }

    /// <summary>Identity of the event log that it reads.</summary>
    public string LogId => start.LogId;

    /// <summary>Offsets that the topic lost before they were stored, in this checkpoint and those before it.</summary>
    public long Lost => start.Lost;

    /// <summary>Checkpoint of the query that stores rows.</summary>
    public QueryCheckpoint Rows => new(Path.Combine(Folder, "rows"), start.Topic, start.Rows);

    /// <summary>Checkpoint of the query that stores dead letters.</summary>
    public QueryCheckpoint DeadLetters => new(Path.Combine(Folder, "dead-letters"), start.Topic, start.DeadLetters);

    /// <summary>Makes one, durable before any query uses it.</summary>
    /// <param name="folder">A new folder.</param>
    /// <param name="logId">Identity of the event log.</param>
    /// <param name="topic">Name of its topic.</param>
    /// <param name="next">Where its queries begin.</param>
    /// <param name="lost">Offsets before those that the topic lost and no table has.</param>
    public static StreamCheckpoint Create(string folder, string logId, string topic, NextOffsets next, long lost)
    {
        var start = new StartRecord(logId, topic, next.Rows, next.DeadLetters, lost);
        Directory.CreateDirectory(folder);
        DurableFiles.Write(Path.Combine(folder, StartFile), JsonSerializer.SerializeToUtf8Bytes(start));
        DurableFiles.SyncFolder(Path.GetDirectoryName(folder)!);
        return new StreamCheckpoint(folder, start);
    }

    /// <summary>Opens one; null when it was never begun.</summary>
    public static StreamCheckpoint? Open(string folder)
    {
        var file = Path.Combine(folder, StartFile);
        return File.Exists(file) ? new StreamCheckpoint(folder, JsonSerializer.Deserialize<StartRecord>(File.ReadAllBytes(file))!) : null;
    }

    /// <summary>What <c>start.json</c> holds; partitions that are not named began at their begin.</summary>
    private sealed record StartRecord(string LogId, string Topic, SortedDictionary<int, long> Rows, SortedDictionary<int, long> DeadLetters, long Lost = 0);
}

/// <summary>The first offset of each partition that is not stored.</summary>
/// <param name="Rows">In the stream's table.</param>
/// <param name="DeadLetters">In <c>dead_letters</c>.</param>
internal sealed record NextOffsets(SortedDictionary<int, long> Rows, SortedDictionary<int, long> DeadLetters);

/// <summary>The checkpoint of one query.</summary>
/// <param name="folder">Spark's folder.</param>
/// <param name="topic">Name of the topic.</param>
/// <param name="start">The first offset wanted of each partition when it began; partitions that are not named began at their begin.</param>
internal sealed class QueryCheckpoint(string folder, string topic, IReadOnlyDictionary<int, long> start)
{
    /// <summary>Spark's folder.</summary>
    public string Folder => folder;

    /// <summary>Where the query begins when it has no batch yet.</summary>
    public IReadOnlyDictionary<int, long> Start => start;

    /// <summary>The query's id; null before its first start.</summary>
    public string? QueryId
    {
        get
        {
            var file = Path.Combine(folder, "metadata");
            if (!File.Exists(file))
            {
                return null;
            }

            using var metadata = JsonDocument.Parse(File.ReadAllBytes(file));
            return metadata.RootElement.GetProperty("id").GetString();
        }
    }

    /// <summary>The first offset that is not stored of each partition, by the transactions of the table that the query writes.</summary>
    /// <param name="transactions">The table's transactions.</param>
    /// <exception cref="LakeException">The table is ahead of the checkpoint.</exception>
    public IReadOnlyDictionary<int, long> NextBy(IReadOnlyDictionary<string, long> transactions) =>
        QueryId is { } id && transactions.TryGetValue(id, out var version) && WriterFence.BatchOf(version) is >= 0 and var batch ? EndOf(batch) : start;

    /// <summary>Whether the query was shut out of the table: another one must go on.</summary>
    /// <param name="transactions">The table's transactions.</param>
    public bool IsShutOut(IReadOnlyDictionary<string, long> transactions) => QueryId is { } id && transactions.TryGetValue(id, out var version) && WriterFence.IsRaised(version);

    /// <summary>Where a batch ends: the first offset of each partition that it does not hold.</summary>
    private SortedDictionary<int, long> EndOf(long batch)
    {
        var file = Path.Combine(folder, "offsets", batch.ToString(CultureInfo.InvariantCulture));
        try
        {
            var lines = File.ReadAllLines(file);
            if (lines is ["v1", _, [ '{', .. ] source])
            {
                return new SortedDictionary<int, long>(JsonSerializer.Deserialize<Dictionary<string, Dictionary<int, long>>>(source)![topic]);
            }
        }
        catch (Exception error) when (error is IOException or JsonException or KeyNotFoundException)
        {
            throw new LakeException($"Where batch {batch} of a streaming query ended cannot be read from {file}: {error.Message}. Bring the checkpoint back that belongs to the table", error);
        }

        throw new LakeException($"{file} is not in a form that this version reads");
    }
}
