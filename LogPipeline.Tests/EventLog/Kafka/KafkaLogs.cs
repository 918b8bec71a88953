using LogPipeline.Core.EventLog;
using LogPipeline.Core.EventLog.Kafka;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Streams;
using Microsoft.Extensions.Logging.Abstractions;

namespace LogPipeline.Tests.EventLog.Kafka;

/// <summary>Opens logs on a broker as one host does, and closes their connections with the test.</summary>
internal sealed class KafkaLogs(string brokers, string? host = null) : IAsyncDisposable
{
    private readonly string host = host ?? Guid.NewGuid().ToString("N");
    private readonly EventLogEvents events = new(NullLogger<EventLogEvents>.Instance);
    private readonly List<KafkaConnection> connections = [];

    /// <summary>Opens the log of one stream. The log may be disposed before the connection.</summary>
    public async Task<IEventLog> OpenAsync(StreamDefinition stream, int partitions = 3, Action<KafkaOptions>? refine = null, IngestOptions? ingest = null) =>
        (await ConnectAsync(stream, partitions, refine, ingest)).Logs[0];

    /// <summary>Opens a connection with the log of one stream.</summary>
    public async Task<KafkaConnection> ConnectAsync(StreamDefinition stream, int partitions = 3, Action<KafkaOptions>? refine = null, IngestOptions? ingest = null)
    {
        var options = new KafkaOptions { Brokers = brokers, Partitions = partitions, ConnectTimeout = TimeSpan.FromSeconds(60), AppendTimeout = TimeSpan.FromSeconds(60) };
        refine?.Invoke(options);
        var connection = await KafkaConnection.OpenAsync([stream], options, ingest ?? new IngestOptions(), host, events, TimeProvider.System);
        connections.Add(connection);
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }

        events.Dispose();
    }
}
