using Confluent.Kafka.Admin;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.EventLog.Kafka;
using LogPipeline.Tests.Engines;
using Xunit;

namespace LogPipeline.Tests.EventLog.Kafka;

/// <summary>What a cluster says of itself while a part of it is not there.</summary>
public sealed class KafkaAdminTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_partition_that_no_broker_has_in_sync_is_described_as_such()
    {
        await using var cluster = await KafkaServer.StartPrivateAsync(nodes: 3);
        using var admin = new KafkaAdmin(new KafkaOptions { Brokers = cluster.Brokers }, _ => { });
        await cluster.Admin.CreateTopicsAsync([new TopicSpecification { Name = "one-copy", NumPartitions = 2, ReplicasAssignments = new() { [0] = [1], [1] = [2] } }]);
        await UntilAsync(admin, [1, 2]);
        await cluster.Nodes[1].KillAsync();
        var alone = (await UntilAsync(admin, [1, -1])).Partitions[1];
        Assert.Equal([2], alone.Replicas);
        Assert.Empty(alone.InSync);
        Assert.Equal([1, 3], (await admin.DescribeClusterAsync(TimeSpan.FromSeconds(30))).Nodes.Select(node => node.Id).Order());

        await cluster.Nodes[1].StartAsync();
        alone = (await UntilAsync(admin, [1, 2])).Partitions[1];
        Assert.Equal([2], alone.InSync);
    }

    /// <summary>Asks until the partitions are led by these brokers.</summary>
    private static async Task<TopicFacts> UntilAsync(KafkaAdmin admin, int[] leaders)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        while (true)
        {
            try
            {
                if ((await admin.DescribeAsync(["one-copy"], Patience).WaitAsync(patience.Token)).TryGetValue("one-copy", out var topic) && topic.Partitions.Select(partition => partition.Leader).SequenceEqual(leaders))
                {
                    return topic;
                }
            }
            catch (EventLogUnavailableException)
            {
                await admin.RefreshAsync(Patience);
            }

            await Task.Delay(50, patience.Token);
        }
    }
}
