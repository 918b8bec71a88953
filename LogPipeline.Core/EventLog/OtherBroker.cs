using LogPipeline.Core.Configuration;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.EventLog.Embedded;
using LogPipeline.Core.EventLog.Kafka;
using LogPipeline.Core.Streams;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.EventLog;

/// <summary>Looks at the event logs of the broker that a host does not use: those in its data folder when it uses Kafka, the topics when it uses none.</summary>
internal sealed class OtherBroker(IOptions<KafkaOptions> kafka, PipelineOptions? host = null, DataFolder? folder = null)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Which broker that is.</summary>
    public BrokerKind Kind => host?.Broker == BrokerKind.Kafka ? BrokerKind.Embedded : BrokerKind.Kafka;

    /// <summary>Whether looking asks nobody else.</summary>
    public bool IsHere => Kind == BrokerKind.Embedded;

    /// <summary>Where it is, for a person.</summary>
    public string Place(StreamDefinition stream) => IsHere ? Path.Combine(folder?.EventLog ?? "", stream.Name) : $"topic {stream.Topic} at {kafka.Value.Brokers}";

    /// <summary>What it holds of a stream.</summary>
    /// <returns>Null when it has no log of the stream.</returns>
    /// <exception cref="EventLogUnavailableException">No broker answers.</exception>
    /// <exception cref="EventLogException">The log cannot be read.</exception>
    public async Task<OtherLog?> FindAsync(StreamDefinition stream)
    {
        if (IsHere)
        {
            return folder is not null && EmbeddedEventLog.Look(Path.Combine(folder.EventLog, stream.Name), stream.Name) is { } found ? new OtherLog(found.LogId, [found.Bounds]) : null;
        }

        return await KafkaTopicLook.FindAsync(stream.Topic, kafka.Value, Patience);
    }
}

/// <summary>An event log that a host does not use.</summary>
/// <param name="LogId">Its identity.</param>
/// <param name="Bounds">What each partition holds.</param>
internal sealed record OtherLog(string LogId, IReadOnlyList<PartitionBounds> Bounds);
