namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>The brokers that are in service now.</summary>
/// <param name="ClusterId">Identity of the cluster.</param>
/// <param name="Controller">The broker that leads the others; null when none does.</param>
/// <param name="Nodes">The brokers.</param>
internal sealed record ClusterFacts(string ClusterId, int? Controller, IReadOnlyList<NodeFacts> Nodes);

/// <summary>A broker.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Host">Its address for clients.</param>
/// <param name="Port">Its port.</param>
/// <param name="Rack">Its rack; empty for none.</param>
internal sealed record NodeFacts(int Id, string Host, int Port, string Rack);

/// <summary>What a topic is now.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">Its identity; a new one when it is made anew.</param>
/// <param name="Partitions">Its partitions in order.</param>
internal sealed record TopicFacts(string Name, string Id, IReadOnlyList<PartitionFacts> Partitions);

/// <summary>What a partition is now.</summary>
/// <param name="Leader">Broker that leads it; -1 for none.</param>
/// <param name="Replicas">Brokers that should have it.</param>
/// <param name="InSync">Brokers that have all of it.</param>
internal sealed record PartitionFacts(int Leader, IReadOnlyList<int> Replicas, IReadOnlyList<int> InSync);
