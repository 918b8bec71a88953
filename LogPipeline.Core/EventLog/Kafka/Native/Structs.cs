using System.Runtime.InteropServices;

namespace LogPipeline.Core.EventLog.Kafka.Native;

/// <summary>What a client does (<c>rd_kafka_type_t</c>).</summary>
internal enum ClientKind
{
    Producer = 0,
    Consumer = 1,
}

/// <summary>Errors that are told apart (<c>rd_kafka_resp_err_t</c>); negative ones are the client's own.</summary>
internal enum KafkaErrorCode
{
    LogTruncation = -139,
    AutoOffsetReset = -140,
    Fatal = -150,
    NoEntry = -156,
    TimedOut = -185,
    UnknownTopic = -188,
    PartitionEnd = -191,
    Transport = -195,
    None = 0,
    OffsetOutOfRange = 1,
    UnknownTopicOrPartition = 3,
    MessageTooLarge = 10,
    TopicAuthorizationFailed = 29,
    UnknownTopicId = 100,
    InconsistentTopicId = 103,
}

/// <summary>What is asked of the brokers (<c>rd_kafka_admin_op_t</c>).</summary>
internal enum AdminOperation
{
    DescribeConfigs = 5,
    DescribeTopics = 19,
    DescribeCluster = 20,
    ListOffsets = 21,
}

/// <summary>Which clock a message's time is from (<c>rd_kafka_timestamp_type_t</c>).</summary>
internal enum TimestampKind
{
    NotAvailable = 0,
    CreateTime = 1,
    LogAppendTime = 2,
}

/// <summary>A message that was read (<c>rd_kafka_message_t</c>).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Message
{
    public KafkaErrorCode Error;
    public nint Topic;
    public int Partition;
    public byte* Payload;
    public nuint Length;
    public byte* Key;
    public nuint KeyLength;
    public long Offset;
    public nint Private;

    public readonly ReadOnlySpan<byte> Value => new(Payload, checked((int)Length));
}

/// <summary>A partition in a list (<c>rd_kafka_topic_partition_t</c>).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TopicPartition
{
    public byte* Topic;
    public int Partition;
    public long Offset;
    public byte* Metadata;
    public nuint MetadataSize;
    public nint Opaque;
    public KafkaErrorCode Error;
    public nint Private;
}

/// <summary>Partitions (<c>rd_kafka_topic_partition_list_t</c>).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TopicPartitionList
{
    public int Count;
    public int Size;
    public TopicPartition* Elements;
}

/// <summary>Which argument of a message follows (<c>rd_kafka_vtype_t</c>).</summary>
internal enum ProduceArgumentKind
{
    Topic = 1,
    Partition = 3,
    Value = 4,
    Key = 5,
    Flags = 7,
    Timestamp = 8,
    Headers = 10,
}

/// <summary>One argument of a message that is produced (<c>rd_kafka_vu_t</c>): a kind, and a union of 64 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal struct ProduceArgument
{
    [FieldOffset(0)]
    public ProduceArgumentKind Kind;

    [FieldOffset(8)]
    public int Number;

    [FieldOffset(8)]
    public long Long;

    [FieldOffset(8)]
    public nint Pointer;

    [FieldOffset(16)]
    public nuint Size;
}
