using LogPipeline.Core.EventLog;

namespace LogPipeline.Core.Health;

/// <summary>What the state of brokers and partitions means for the pipeline.</summary>
public static class BrokerHealth
{
    /// <summary>How well the brokers work: partial when one is gone, a copy is behind, or a partition has nobody who leads it.</summary>
    public static HealthState StateOf(BrokerStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        return status switch
        {
            { Brokers.Count: 0, Problem: null } => HealthState.Connecting,
            { IsReachable: false } => HealthState.Disconnected,
            _ when status.Brokers.Any(broker => !broker.IsReachable) || Partitions(status).Any(IsShort) => HealthState.Partial,
            _ => HealthState.Connected,
        };
    }

    /// <summary>What is wrong, for a person; null when nothing is.</summary>
    public static string? ProblemOf(BrokerStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        if (status.Problem is { } known)
        {
            return known;
        }

        return StateOf(status) switch
        {
            HealthState.Disconnected => $"No broker at {status.Addresses} answers. Trying again.",
            HealthState.Partial => string.Join(' ', Shortcomings(status)),
            _ => null,
        };
    }

    /// <summary>Copies of the streams' partitions that have everything, and copies there should be.</summary>
    public static (int InSync, int Replicas) Copies(BrokerStatus status) =>
        (Partitions(status).Sum(partition => partition.InSyncIds.Count), Partitions(status).Sum(partition => partition.ReplicaIds.Count));

    /// <summary>Whether a partition cannot be used, or would be lost with fewer brokers than it should be.</summary>
    public static bool IsShort(BrokerPartition partition)
    {
        ArgumentNullException.ThrowIfNull(partition);
        return partition.LeaderId is null || partition.InSyncIds.Count < partition.ReplicaIds.Count;
    }

    private static IEnumerable<BrokerPartition> Partitions(BrokerStatus status) => status.Topics.SelectMany(topic => topic.Partitions);

    private static IEnumerable<string> Shortcomings(BrokerStatus status)
    {
        var gone = status.Brokers.Where(broker => !broker.IsReachable).ToList();
        if (gone.Count > 0)
        {
            yield return $"{(gone.Count == 1 ? "Broker" : "Brokers")} {string.Join(", ", gone.Select(broker => broker.Id))} {(gone.Count == 1 ? "does" : "do")} not answer.";
        }

        foreach (var topic in status.Topics)
        {
            var headless = topic.Partitions.Where(partition => partition.LeaderId is null).ToList();
            if (headless.Count > 0)
            {
                yield return $"Nobody leads {topic.Name} {string.Join(", ", headless.Select(partition => partition.Partition))}: events of {(headless.Count == 1 ? "that partition" : "those partitions")} wait with their senders.";
            }

            var behind = topic.Partitions.Count(partition => partition.LeaderId is not null && partition.InSyncIds.Count < partition.ReplicaIds.Count);
            if (behind > 0)
            {
                yield return $"{behind} of {topic.Partitions.Count} partitions of {topic.Name} miss a copy.";
            }
        }
    }
}
