using LogPipeline.Core.EventLog;
using LogPipeline.Core.Streams;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.EventLog.Kafka;
using Xunit;

namespace LogPipeline.Tests.EventLog;

/// <summary>The log on a real Kafka broker: the contract.</summary>
public sealed class KafkaEventLogTests(KafkaServer kafka) : EventLogContract, IAsyncDisposable
{
    private readonly string topic = $"web-logs-{Guid.NewGuid():N}";
    private KafkaLogs? logs;

    protected override async Task<IEventLog> OpenAsync(StreamDefinition stream)
    {
        var cluster = await kafka.GetAsync();
        logs ??= new KafkaLogs(cluster.Brokers);
        return await logs.OpenAsync(stream with { Topic = topic }, partitions: 1);
    }

    public async ValueTask DisposeAsync()
    {
        if (logs is not null)
        {
            await logs.DisposeAsync();
        }
    }
}
