using System.Globalization;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Streams;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>The logs of every configured stream, one Kafka topic each.</summary>
internal sealed class KafkaEventLogs : IEventLogs, IAsyncDisposable
{
    private const string HostFile = "kafka-host";
    private readonly KafkaConnection connection;

    /// <summary>Connects, makes the topics that are missing, and opens the logs. Waits for the brokers as long as <see cref="KafkaOptions.ConnectTimeout"/>.</summary>
    /// <exception cref="EventLogException">No broker answers, or a topic cannot be used.</exception>
    public KafkaEventLogs(
        DataFolder folder, StreamRegistry streams, IOptions<KafkaOptions> options, IOptions<IngestOptions> ingest, EventLogEvents events, TimeProvider time)
    {
        // Dependency injection makes its services without waiting; a host without its log has nothing to do meanwhile.
        connection = Task.Run(() => KafkaConnection.OpenAsync(streams.All, options.Value, ingest.Value, HostName(folder), events, time)).GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public IReadOnlyList<IEventLog> All => connection.Logs;

    /// <summary>Looks into the cluster.</summary>
    public IBrokerBrowser Browser => connection.Browser;

    /// <inheritdoc/>
    public IEventLog? Find(string stream) => All.FirstOrDefault(log => log.Stream.Name == stream);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => connection.DisposeAsync();

    /// <summary>A name that stays with the data folder: a host that comes again ends the transactions that it left open.</summary>
    private static string HostName(DataFolder folder)
    {
        var path = Path.Combine(folder.State, HostFile);
        if (File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } known)
        {
            return known;
        }

        var name = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);
        Directory.CreateDirectory(folder.State);
        DurableFiles.Write(path, System.Text.Encoding.ASCII.GetBytes(name));
        return name;
    }
}
