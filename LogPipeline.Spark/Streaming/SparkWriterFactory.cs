using LogPipeline.Core.Configuration;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.EventLog.Kafka;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Leases;
using LogPipeline.Core.Lake.Writing;
using LogPipeline.Spark.Broker;
using LogPipeline.Spark.Connect;

namespace LogPipeline.Spark.Streaming;

/// <summary>Makes the writers through which Spark stores the streams: Structured Streaming where Kafka carries events, inserts of staged batches where this host does.</summary>
internal sealed class SparkWriterFactory(
    PipelineOptions host,
    SparkBroker broker,
    LakeTables tables,
    StreamFolders folders,
    LakeOptions lake,
    SparkStreamingOptions streaming,
    KafkaOptions kafka,
    IngestOptions ingest,
    LakeEvents events,
    LakeWriterFactory embedded,
    TimeProvider time) : IStreamWriterFactory
{
    /// <inheritdoc/>
    public EngineKind Engine => EngineKind.Spark;

    /// <inheritdoc/>
    public IStreamWriter Create(IEventLog log) => host.Broker == BrokerKind.Kafka
        ? new StreamingWriter(log, new StreamingWriterSetup(broker, tables, folders.Checkpoints, lake, streaming, QueriesOf), events, time)
        : new LakeWriter(log, tables, Engine, lake, events, time, (lease, stop) => OpenAsync(log, lease, stop));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> CheckAsync(IEventLog log, CancellationToken cancellationToken)
    {
        var problems = (await embedded.CheckAsync(log, cancellationToken).ConfigureAwait(false)).ToList();
        try
        {
            if (host.Broker == BrokerKind.Kafka && problems.Count == 0)
            {
                StreamStart.Check(log, tables, folders.Checkpoints, lake);
            }
        }
        catch (Exception error) when (error is LakeException or IOException)
        {
            problems.Add(error.Message);
        }

        foreach (var name in StreamTables.NamesOf(log.Stream))
        {
            if (await WhyUnreadableAsync(name, cancellationToken).ConfigureAwait(false) is { } problem)
            {
                problems.Add(problem);
            }
        }

        return problems;
    }

    /// <summary>Has Spark itself read a table's definition: whether it can is for it to say. A table that is not there yet is none that it cannot read.</summary>
    private async Task<string?> WhyUnreadableAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var session = await broker.GetSessionAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            if (Directory.Exists(Path.Combine(tables.Root, name)))
            {
                _ = await session.Read.Format("delta").Load(Path.Combine(tables.Root, name)).SchemaAsync(cancellationToken).ConfigureAwait(false);
            }

            return null;
        }
        catch (SparkServerException error)
        {
            return error.Message;
        }
        catch (SparkException error)
        {
            return $"Spark cannot read table '{name}': {error.Message}";
        }
    }

    private StreamQueries QueriesOf(Core.Streams.StreamDefinition stream) => new(stream, new KafkaSource(kafka, streaming), ingest, streaming);

    private async Task<IBatchStore> OpenAsync(IEventLog log, WriterLease lease, CancellationToken cancellationToken)
    {
        try
        {
            WriterFence.Raise(lease, log, tables, new TransactionPositions());
            return await StagedStore.OpenAsync(log, tables, lease, lake, broker, folders.Staging, events, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is SparkException or SparkServerException)
        {
            throw new IOException(error.Message, error);
        }
    }
}

/// <summary>Folders that this host and Spark share.</summary>
internal sealed class StreamFolders
{
    public StreamFolders(SparkStreamingOptions options, LakeOptions lake, DataFolder? folder)
    {
        // Whoever takes the tables over needs the checkpoints: with tables that hosts share, they are shared too.
        Checkpoints = new StreamCheckpoints(options.CheckpointFolder.Length == 0 && lake.Path.Length > 0
            ? Path.Combine(Path.GetFullPath(lake.Path), "_checkpoints") : Of(options.CheckpointFolder, "checkpoints"));
        Staging = Of(options.StagingFolder, "staging");

        string Of(string configured, string name) => configured.Length > 0 ? Path.GetFullPath(configured)
            : Path.Combine(folder?.State ?? throw new InvalidOperationException("Neither the folders of LogPipeline:Spark:Streaming nor a data folder are configured"), "spark", name);
    }

    /// <summary>Checkpoints of the streaming queries.</summary>
    public StreamCheckpoints Checkpoints { get; }

    /// <summary>Where batches of embedded event logs wait.</summary>
    public string Staging { get; }
}
