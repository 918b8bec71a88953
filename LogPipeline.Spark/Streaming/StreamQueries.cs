using LogPipeline.Core.Ingest;
using LogPipeline.Core.Lake.Writing;
using LogPipeline.Core.Streams;
using LogPipeline.Spark.Connect;
using LogPipeline.Spark.Streaming.Parsing;

namespace LogPipeline.Spark.Streaming;

/// <summary>Starts the queries that store one stream of Kafka: one for its rows, which runs, and one for its dead letters, which is run now and then.</summary>
/// <remarks>
/// Both read the topic and parse it with the same expression. Dead letters are rare, so their query reads many batches of the other one at once; a third
/// of the speed would go when each batch was read for both tables.
/// </remarks>
internal sealed class StreamQueries(StreamDefinition stream, KafkaSource source, IngestOptions ingest, SparkStreamingOptions options)
{
    /// <summary>Settings that the queries rest on, unless the user says otherwise.</summary>
    private static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal)
    {
        // Small files of a day are merged by the query that made them, in the one process that may write the table.
        ["spark.databricks.delta.autoCompact.enabled"] = "true",
    };

    private readonly EventSql sql = new(stream, ingest);
    private readonly string view = $"logpipeline_{Guid.NewGuid():N}";

    /// <summary>Sets what the queries of a session need; a query keeps the settings that it was started with.</summary>
    public async Task ConfigureAsync(SparkSession session, CancellationToken cancellationToken)
    {
        foreach (var (name, value) in Settings.Where(one => !options.Conf.ContainsKey(one.Key)).Concat(options.Conf))
        {
            await session.Conf.SetAsync(name, value, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Starts storing rows.</summary>
    /// <param name="session">The session.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="partitions">Partitions of the topic.</param>
    /// <param name="follow">Whether to go on for good; else the query ends at the present end.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SparkException">Spark refuses the query.</exception>
    public Task<StreamingQuery> StartRowsAsync(SparkSession session, StreamStart start, int partitions, bool follow, CancellationToken cancellationToken)
    {
        var trigger = !follow ? Trigger.AvailableNow() : options.Trigger > TimeSpan.Zero ? Trigger.ProcessingTime(options.Trigger) : null;
        return StartAsync(session, start.Checkpoint.Rows, partitions, records => sql.Rows(records, start.Tables.PartitionBase), start.Tables.Table.Root, stream.Name, trigger, cancellationToken);
    }

    /// <summary>Starts storing what is there of dead letters.</summary>
    /// <inheritdoc cref="StartRowsAsync"/>
    public Task<StreamingQuery> StartDeadLettersAsync(SparkSession session, StreamStart start, int partitions, CancellationToken cancellationToken) =>
        StartAsync(session, start.Checkpoint.DeadLetters, partitions, records => sql.DeadLetters(records, start.Tables.PartitionBase), start.Tables.DeadLetters.Root, stream.Name + ", dead letters", Trigger.AvailableNow(), cancellationToken);

    private async Task<StreamingQuery> StartAsync(
        SparkSession session, QueryCheckpoint checkpoint, int partitions, Func<string, string> select, string table, string name, Trigger? trigger, CancellationToken cancellationToken)
    {
        var records = $"{view}_{Path.GetFileName(checkpoint.Folder).Replace('-', '_')}";
        await source.Read(session, stream, partitions, checkpoint.Start).CreateOrReplaceTempViewAsync(records, cancellationToken).ConfigureAwait(false);
        var rows = await session.SqlAsync(select(records), cancellationToken: cancellationToken).ConfigureAwait(false);
        var writer = rows.WriteStream.Format("delta").Option("checkpointLocation", checkpoint.Folder)
            .OutputMode(OutputMode.Append).PartitionBy(StreamTable.DateColumn).QueryName(name);
        return await (trigger is null ? writer : writer.Trigger(trigger)).StartAsync(table, cancellationToken).ConfigureAwait(false);
    }
}
