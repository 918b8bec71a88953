using System.Collections.Concurrent;
using System.Globalization;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Streams;

namespace LogPipeline.Spark.Streaming;

/// <summary>The checkpoints of all streams: <c>&lt;stream&gt;/&lt;number&gt;</c> below one folder. The highest number of a stream is in use; the others stay, because they say what the table holds.</summary>
internal sealed class StreamCheckpoints(string folder)
{
    // Queries whose checkpoint was seen: it keeps its query's id, and positions are read again and again.
    private readonly ConcurrentDictionary<(string Stream, string Query), bool> known = [];

    /// <summary>The checkpoint in use; null when the stream never had one.</summary>
    /// <param name="stream">Name of the stream.</param>
    /// <param name="logId">The event log that it is to read; null for any.</param>
    public StreamCheckpoint? Latest(string stream, string? logId = null)
    {
        var parent = Path.Combine(folder, stream);
        for (var number = HighestOf(parent); number > 0; number--)
        {
            if (StreamCheckpoint.Open(Path.Combine(parent, Name(number))) is { } checkpoint && (logId is null || checkpoint.LogId == logId))
            {
                return checkpoint;
            }
        }

        return null;
    }

    /// <summary>Makes the next one.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="logId">Identity of its event log.</param>
    /// <param name="next">Where its queries begin.</param>
    /// <param name="lost">Offsets before those that the topic lost and no table has.</param>
    public StreamCheckpoint Next(StreamDefinition stream, string logId, NextOffsets next, long lost)
    {
        var parent = Path.Combine(folder, stream.Name);
        return StreamCheckpoint.Create(Path.Combine(parent, Name(HighestOf(parent) + 1)), logId, stream.Topic, next, lost);
    }

    /// <summary>Whether a streaming query whose batches a stream's table holds has no checkpoint here, and what to do about it; null when all have one. Nothing else says which events they are.</summary>
    /// <param name="stream">Name of the stream.</param>
    /// <param name="table">The stream's table; null before it is made.</param>
    public string? ProblemOf(string stream, TableSnapshot? table)
    {
        var parent = Path.Combine(folder, stream);
        foreach (var query in (table?.Transactions.Keys ?? []).Where(application => Guid.TryParseExact(application, "D", out _) && !known.ContainsKey((stream, application))))
        {
            if (!Enumerable.Range(1, HighestOf(parent)).Any(number => StreamCheckpoint.Open(Path.Combine(parent, Name(number)))?.Rows.QueryId == query))
            {
                return $"Table '{table!.Name}' holds batches of streaming query {query}, whose checkpoint is not in {parent}: which events they are cannot be told. "
                    + $"Set {SparkStreamingOptions.Section}:{nameof(SparkStreamingOptions.CheckpointFolder)} to the folder of the host that stored them";
            }

            known[(stream, query)] = true;
        }

        return null;
    }

    /// <summary>Makes sure that there is no such problem, unless the log that is to be stored is adopted.</summary>
    /// <param name="stream">Name of the stream.</param>
    /// <param name="logId">The event log that is to be stored.</param>
    /// <param name="table">The stream's table; null before it is made.</param>
    /// <param name="options">May say that the log is to be stored from its beginning on all the same.</param>
    /// <exception cref="LakeException">A checkpoint is missing.</exception>
    public void Check(string stream, string logId, TableSnapshot? table, LakeOptions options)
    {
        if (!options.Adopts(logId) && ProblemOf(stream, table) is { } problem)
        {
            throw new LakeException($"{problem}; or, if none of them is in this log, set LogPipeline:Lake:AdoptLog to {logId}");
        }
    }

    private static int HighestOf(string parent) => !Directory.Exists(parent) ? 0
        : Directory.EnumerateDirectories(parent).Select(Path.GetFileName).Select(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0).Append(0).Max();

    private static string Name(int number) => number.ToString("d4", CultureInfo.InvariantCulture);
}
