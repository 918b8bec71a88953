using System.Runtime.InteropServices;

namespace LogPipeline.Core.EventLog.Kafka.Native;

/// <summary>The functions of librdkafka that are called past Confluent.Kafka, which ships the library: for the hot paths without its object a message, and where its own code fails.</summary>
/// <remarks>Source of every signature: <c>rdkafka.h</c> of librdkafka 2.16. Pointers to opaque structs are <see cref="nint"/>.</remarks>
internal static unsafe partial class RdKafka
{
    /// <summary>Copy the value: the caller keeps its buffer.</summary>
    public const int MessageCopy = 0x2;

    /// <summary>Wait while the producer's queue is full.</summary>
    public const int MessageBlock = 0x4;

    /// <summary>Choose the partition by the key.</summary>
    public const int AnyPartition = -1;

    /// <summary>End a client without leaving a group: none was joined.</summary>
    public const int NoConsumerClose = 0x8;

    /// <summary>Drop messages that wait to be sent, and those that were.</summary>
    public const int PurgeAll = 0x1 | 0x2;

    /// <summary>Only what is committed counts.</summary>
    public const int ReadCommitted = 1;

    /// <summary>A broker, among what has a configuration.</summary>
    public const int BrokerResource = 4;

    private const string Library = "librdkafka";

    // As Confluent.Kafka does: the build that needs the system's SASL library first, then those that bring everything.
    private static readonly string[] Builds = [Library, "centos8-librdkafka", "alpine-librdkafka"];

    static RdKafka() => NativeLibrary.SetDllImportResolver(typeof(RdKafka).Assembly, Find);

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_new")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint ConfNew();

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_destroy")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void ConfDestroy(nint conf);

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_set", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int ConfSet(nint conf, string name, string value, byte* problem, nuint problemSize);

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_set_opaque")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void ConfSetOpaque(nint conf, nint opaque);

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_set_log_cb")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void ConfSetLogCallback(nint conf, delegate* unmanaged[Cdecl]<nint, int, byte*, byte*, void> callback);

    [LibraryImport(Library, EntryPoint = "rd_kafka_new")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint New(ClientKind kind, nint conf, byte* problem, nuint problemSize);

    [LibraryImport(Library, EntryPoint = "rd_kafka_opaque")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint Opaque(nint client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_destroy_flags")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void Destroy(nint client, int flags);

    [LibraryImport(Library, EntryPoint = "rd_kafka_err2str")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial byte* ErrorText(KafkaErrorCode code);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_partition_list_new")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial TopicPartitionList* PartitionListNew(int size);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_partition_list_add", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial TopicPartition* PartitionListAdd(TopicPartitionList* list, string topic, int partition);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_partition_list_destroy")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void PartitionListDestroy(TopicPartitionList* list);

    [LibraryImport(Library, EntryPoint = "rd_kafka_poll_set_consumer")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial KafkaErrorCode PollSetConsumer(nint client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_queue_get_consumer")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint QueueGetConsumer(nint client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_queue_destroy")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void QueueDestroy(nint queue);

    [LibraryImport(Library, EntryPoint = "rd_kafka_queue_yield")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void QueueYield(nint queue);

    [LibraryImport(Library, EntryPoint = "rd_kafka_incremental_assign")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint IncrementalAssign(nint client, TopicPartitionList* partitions);

    [LibraryImport(Library, EntryPoint = "rd_kafka_incremental_unassign")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint IncrementalUnassign(nint client, TopicPartitionList* partitions);

    [LibraryImport(Library, EntryPoint = "rd_kafka_pause_partitions")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial KafkaErrorCode PausePartitions(nint client, TopicPartitionList* partitions);

    [LibraryImport(Library, EntryPoint = "rd_kafka_resume_partitions")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial KafkaErrorCode ResumePartitions(nint client, TopicPartitionList* partitions);

    [LibraryImport(Library, EntryPoint = "rd_kafka_query_watermark_offsets", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial KafkaErrorCode QueryWatermarks(nint client, string topic, int partition, long* low, long* high, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "rd_kafka_offsets_for_times")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial KafkaErrorCode OffsetsForTimes(nint client, TopicPartitionList* partitions, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "rd_kafka_consume_queue")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial Message* Consume(nint queue, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "rd_kafka_consume_batch_queue")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint ConsumeBatch(nint queue, int timeoutMs, Message** messages, nuint size);

    [LibraryImport(Library, EntryPoint = "rd_kafka_message_destroy")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void MessageDestroy(Message* message);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_name")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial byte* TopicName(nint topic);

    // Reads two fields of the message: far shorter than a change of the garbage collector's mode.
    [LibraryImport(Library, EntryPoint = "rd_kafka_message_timestamp")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [SuppressGCTransition]
    public static partial long MessageTimestamp(Message* message, TimestampKind* kind);

    [LibraryImport(Library, EntryPoint = "rd_kafka_message_headers")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial KafkaErrorCode MessageHeaders(Message* message, nint* headers);

    [LibraryImport(Library, EntryPoint = "rd_kafka_header_get_all")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial KafkaErrorCode HeaderGetAll(nint headers, nuint index, byte** name, byte** value, nuint* size);

    [LibraryImport(Library, EntryPoint = "rd_kafka_headers_new")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint HeadersNew(nuint count);

    [LibraryImport(Library, EntryPoint = "rd_kafka_headers_destroy")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void HeadersDestroy(nint headers);

    [LibraryImport(Library, EntryPoint = "rd_kafka_header_add")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial KafkaErrorCode HeaderAdd(nint headers, byte* name, nint nameSize, byte* value, nint size);

    [LibraryImport(Library, EntryPoint = "rd_kafka_produceva")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint Produce(nint client, ProduceArgument* arguments, nuint count);

    [LibraryImport(Library, EntryPoint = "rd_kafka_purge")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial KafkaErrorCode Purge(nint client, int flags);

    [LibraryImport(Library, EntryPoint = "rd_kafka_init_transactions")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint InitTransactions(nint client, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "rd_kafka_begin_transaction")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint BeginTransaction(nint client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_commit_transaction")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint CommitTransaction(nint client, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "rd_kafka_abort_transaction")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint AbortTransaction(nint client, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "rd_kafka_error_code")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial KafkaErrorCode ErrorCode(nint error);

    [LibraryImport(Library, EntryPoint = "rd_kafka_error_string")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial byte* ErrorString(nint error);

    [LibraryImport(Library, EntryPoint = "rd_kafka_error_is_fatal")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int ErrorIsFatal(nint error);

    [LibraryImport(Library, EntryPoint = "rd_kafka_error_is_retriable")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int ErrorIsRetriable(nint error);

    [LibraryImport(Library, EntryPoint = "rd_kafka_error_txn_requires_abort")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int ErrorRequiresAbort(nint error);

    [LibraryImport(Library, EntryPoint = "rd_kafka_error_destroy")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void ErrorDestroy(nint error);

    [LibraryImport(Library, EntryPoint = "rd_kafka_queue_new")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint QueueNew(nint client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_queue_poll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint QueuePoll(nint queue, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "rd_kafka_event_error")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial KafkaErrorCode EventError(nint answer);

    [LibraryImport(Library, EntryPoint = "rd_kafka_event_error_string")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial byte* EventErrorString(nint answer);

    [LibraryImport(Library, EntryPoint = "rd_kafka_event_destroy")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void EventDestroy(nint answer);

    [LibraryImport(Library, EntryPoint = "rd_kafka_metadata")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial KafkaErrorCode Metadata(nint client, int allTopics, nint onlyTopic, nint* found, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "rd_kafka_metadata_destroy")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void MetadataDestroy(nint metadata);

    [LibraryImport(Library, EntryPoint = "rd_kafka_AdminOptions_new")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint AdminOptionsNew(nint client, AdminOperation operation);

    [LibraryImport(Library, EntryPoint = "rd_kafka_AdminOptions_set_request_timeout")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial KafkaErrorCode AdminOptionsSetRequestTimeout(nint options, int timeoutMs, byte* problem, nuint problemSize);

    [LibraryImport(Library, EntryPoint = "rd_kafka_AdminOptions_destroy")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void AdminOptionsDestroy(nint options);

    [LibraryImport(Library, EntryPoint = "rd_kafka_TopicCollection_of_topic_names", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint TopicCollectionOf(string[] names, nuint count);

    [LibraryImport(Library, EntryPoint = "rd_kafka_TopicCollection_destroy")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void TopicCollectionDestroy(nint topics);

    [LibraryImport(Library, EntryPoint = "rd_kafka_DescribeTopics")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void DescribeTopics(nint client, nint topics, nint options, nint queue);

    [LibraryImport(Library, EntryPoint = "rd_kafka_DescribeTopics_result_topics")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint* DescribedTopics(nint answer, nuint* count);

    [LibraryImport(Library, EntryPoint = "rd_kafka_TopicDescription_name")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial byte* TopicDescriptionName(nint topic);

    [LibraryImport(Library, EntryPoint = "rd_kafka_TopicDescription_topic_id")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint TopicDescriptionId(nint topic);

    [LibraryImport(Library, EntryPoint = "rd_kafka_TopicDescription_error")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint TopicDescriptionError(nint topic);

    [LibraryImport(Library, EntryPoint = "rd_kafka_TopicDescription_partitions")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint* TopicDescriptionPartitions(nint topic, nuint* count);

    [LibraryImport(Library, EntryPoint = "rd_kafka_TopicPartitionInfo_partition")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int PartitionInfoNumber(nint partition);

    [LibraryImport(Library, EntryPoint = "rd_kafka_TopicPartitionInfo_leader")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint PartitionInfoLeader(nint partition);

    [LibraryImport(Library, EntryPoint = "rd_kafka_TopicPartitionInfo_isr")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint* PartitionInfoInSync(nint partition, nuint* count);

    [LibraryImport(Library, EntryPoint = "rd_kafka_TopicPartitionInfo_replicas")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint* PartitionInfoReplicas(nint partition, nuint* count);

    [LibraryImport(Library, EntryPoint = "rd_kafka_Uuid_base64str")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial byte* UuidText(nint id);

    [LibraryImport(Library, EntryPoint = "rd_kafka_DescribeCluster")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void DescribeCluster(nint client, nint options, nint queue);

    [LibraryImport(Library, EntryPoint = "rd_kafka_DescribeCluster_result_nodes")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint* DescribedNodes(nint answer, nuint* count);

    [LibraryImport(Library, EntryPoint = "rd_kafka_DescribeCluster_result_controller")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint DescribedController(nint answer);

    [LibraryImport(Library, EntryPoint = "rd_kafka_DescribeCluster_result_cluster_id")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial byte* DescribedClusterId(nint answer);

    [LibraryImport(Library, EntryPoint = "rd_kafka_AdminOptions_set_isolation_level")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint AdminOptionsSetIsolationLevel(nint options, int level);

    [LibraryImport(Library, EntryPoint = "rd_kafka_ListOffsets")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void ListOffsets(nint client, TopicPartitionList* partitions, nint options, nint queue);

    [LibraryImport(Library, EntryPoint = "rd_kafka_ListOffsets_result_infos")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint* ListedOffsets(nint answer, nuint* count);

    [LibraryImport(Library, EntryPoint = "rd_kafka_ListOffsetsResultInfo_topic_partition")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial TopicPartition* ListedPartition(nint info);

    [LibraryImport(Library, EntryPoint = "rd_kafka_ConfigResource_new", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint ConfigResourceNew(int kind, string name);

    [LibraryImport(Library, EntryPoint = "rd_kafka_ConfigResource_destroy")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void ConfigResourceDestroy(nint resource);

    [LibraryImport(Library, EntryPoint = "rd_kafka_ConfigResource_error")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial KafkaErrorCode ConfigResourceError(nint resource);

    [LibraryImport(Library, EntryPoint = "rd_kafka_DescribeConfigs")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void DescribeConfigs(nint client, nint* resources, nuint count, nint options, nint queue);

    [LibraryImport(Library, EntryPoint = "rd_kafka_DescribeConfigs_result_resources")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint* DescribedConfigs(nint answer, nuint* count);

    [LibraryImport(Library, EntryPoint = "rd_kafka_AdminOptions_set_opaque")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial void AdminOptionsSetOpaque(nint options, nint opaque);

    [LibraryImport(Library, EntryPoint = "rd_kafka_event_opaque")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint EventOpaque(nint answer);

    [LibraryImport(Library, EntryPoint = "rd_kafka_Node_id")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int NodeId(nint node);

    [LibraryImport(Library, EntryPoint = "rd_kafka_Node_host")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial byte* NodeHost(nint node);

    [LibraryImport(Library, EntryPoint = "rd_kafka_Node_port")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial ushort NodePort(nint node);

    [LibraryImport(Library, EntryPoint = "rd_kafka_Node_rack")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial byte* NodeRack(nint node);

    private static nint Find(string name, System.Reflection.Assembly assembly, DllImportSearchPath? path)
    {
        if (name == Library)
        {
            foreach (var build in Builds)
            {
                if (NativeLibrary.TryLoad(build, assembly, path, out var handle))
                {
                    return handle;
                }
            }
        }

        // Every other library is found as it would be without this.
        return 0;
    }
}
