using System.Globalization;
using System.Runtime.InteropServices;
using LogPipeline.Core.EventLog.Kafka.Native;
using TopicPartition = Confluent.Kafka.TopicPartition;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>Asks what brokers and topics there are, which brokers answer, and where partitions begin and end.</summary>
/// <remarks>
/// Confluent.Kafka's admin client cannot be asked: it copies every list of an answer from its pointer, which is null for an empty one, and what that
/// throws ends the client in silence and leaves all who wait for it waiting. Kafka 4 does answer with a partition that no broker has in sync, and
/// with a cluster that has no broker in service.
/// </remarks>
internal sealed class NativeAdmin : IDisposable
{
    private const int ProblemBytes = 512;
    private const int PollMilliseconds = 500;

    // The library answers by itself when the time is over; this is for its own delays.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);
    private readonly NativeClient client;
    private readonly Thread answering;
    private readonly Lock gate = new();
    private readonly HashSet<Question> waiting = [];
    private readonly Lock refreshing = new();
    private bool disposed;

    /// <summary>Makes a client.</summary>
    /// <param name="settings">librdkafka's names and values.</param>
    /// <param name="log">Takes what the library logs.</param>
    /// <exception cref="EventLogException">A setting is wrong.</exception>
    public NativeAdmin(IReadOnlyDictionary<string, string> settings, NativeLog log)
    {
        client = new NativeClient(ClientKind.Producer, settings, log);
        answering = new Thread(Answer) { IsBackground = true, Name = "Kafka answers" };
        answering.Start();
    }

    /// <summary>Topics by name; one that is not there is left out.</summary>
    /// <exception cref="EventLogUnavailableException">No broker answers, or one topic cannot be described.</exception>
    public Task<IReadOnlyDictionary<string, TopicFacts>> TopicsAsync(IEnumerable<string> names, TimeSpan timeout)
    {
        var asked = names.ToArray();
        var collection = RdKafka.TopicCollectionOf(asked, (nuint)asked.Length);
        try
        {
            return AskAsync(AdminOperation.DescribeTopics, timeout, options => RdKafka.DescribeTopics(client.Handle, collection, options, client.Queue), TopicsOf);
        }
        finally
        {
            RdKafka.TopicCollectionDestroy(collection);
        }
    }

    /// <summary>The brokers.</summary>
    /// <exception cref="EventLogUnavailableException">None answers.</exception>
    public unsafe Task<ClusterFacts> ClusterAsync(TimeSpan timeout) => AskAsync(
        AdminOperation.DescribeCluster, timeout, options => RdKafka.DescribeCluster(client.Handle, options, client.Queue), ClusterOf);

    /// <summary>One offset of each partition; null where it cannot be told now, or where there is none of that time.</summary>
    /// <param name="partitions">The partitions, at least one.</param>
    /// <param name="which">Which offset: one of <see cref="OffsetAt"/>, or the first at this time or later, in milliseconds since 1970.</param>
    /// <param name="committedOnly">Whether the end is that of what is committed.</param>
    /// <param name="timeout">For the answer.</param>
    /// <exception cref="EventLogUnavailableException">No broker answers.</exception>
    public unsafe Task<IReadOnlyDictionary<TopicPartition, long?>> OffsetsAsync(IEnumerable<TopicPartition> partitions, long which, bool committedOnly, TimeSpan timeout)
    {
        var list = RdKafka.PartitionListNew(8);
        try
        {
            foreach (var partition in partitions)
            {
                RdKafka.PartitionListAdd(list, partition.Topic, partition.Partition.Value)->Offset = which;
            }

            return AskAsync(
                AdminOperation.ListOffsets, timeout,
                options =>
                {
                    _ = KafkaFailure.Take(RdKafka.AdminOptionsSetIsolationLevel(options, committedOnly ? RdKafka.ReadCommitted : 0));
                    RdKafka.ListOffsets(client.Handle, list, options, client.Queue);
                },
                OffsetsOf);
        }
        finally
        {
            RdKafka.PartitionListDestroy(list);
        }
    }

    /// <summary>Whether one broker answers; one that refuses has answered.</summary>
    public async Task<bool> AnswersAsync(int broker, TimeSpan timeout)
    {
        var resource = RdKafka.ConfigResourceNew(RdKafka.BrokerResource, broker.ToString(CultureInfo.InvariantCulture));
        try
        {
            return await AskBrokerAsync(resource, timeout);
        }
        catch (EventLogUnavailableException)
        {
            return false;
        }
        finally
        {
            RdKafka.ConfigResourceDestroy(resource);
        }
    }

    private unsafe Task<bool> AskBrokerAsync(nint resource, TimeSpan timeout) => AskAsync(
        AdminOperation.DescribeConfigs, timeout,
        options =>
        {
            var asked = resource;
            RdKafka.DescribeConfigs(client.Handle, &asked, 1, options, client.Queue);
        },
        answer =>
        {
            // The library's own errors are negative.
            nuint count;
            return Array.TrueForAll(List(RdKafka.DescribedConfigs(answer, &count), count), one => RdKafka.ConfigResourceError(one) >= 0);
        });

    /// <summary>Learns from any broker which there are. Blocks.</summary>
    /// <remarks>What <see cref="TopicsAsync"/> and <see cref="ClusterAsync"/> ask goes to one broker alone; when that one dies, the library would wait for it until it learns that another has taken over, in its own time.</remarks>
    public unsafe void Refresh(TimeSpan timeout)
    {
        lock (refreshing)
        {
            nint found;
            if (!disposed && RdKafka.Metadata(client.Handle, 0, 0, &found, (int)timeout.TotalMilliseconds) == KafkaErrorCode.None)
            {
                RdKafka.MetadataDestroy(found);
            }
        }
    }

    /// <summary>Ends the client; who waits or asks later is told that it is closed.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            disposed = true;
        }

        RdKafka.QueueYield(client.Queue);
        answering.Join();
        lock (refreshing)
        {
            client.Dispose();
        }

        foreach (var question in waiting)
        {
            question.Close();
        }
    }

    private async Task<T> AskAsync<T>(AdminOperation operation, TimeSpan timeout, Action<nint> send, Func<nint, T> read)
    {
        var question = new Question<T>(read);
        Send(operation, timeout, send, question);
        try
        {
            return await question.Answer.WaitAsync(timeout + Slack);
        }
        catch (TimeoutException)
        {
            throw new EventLogUnavailableException(NativeText.Of(KafkaErrorCode.TimedOut));
        }
    }

    private unsafe void Send(AdminOperation operation, TimeSpan timeout, Action<nint> send, Question question)
    {
        lock (gate)
        {
            if (disposed)
            {
                throw Question.Closed();
            }

            var options = RdKafka.AdminOptionsNew(client.Handle, operation);
            try
            {
                var problem = stackalloc byte[ProblemBytes];
                if (RdKafka.AdminOptionsSetRequestTimeout(options, (int)timeout.TotalMilliseconds, problem, ProblemBytes) != KafkaErrorCode.None)
                {
                    throw new ArgumentOutOfRangeException(nameof(timeout), NativeText.Read(problem));
                }

                RdKafka.AdminOptionsSetOpaque(options, question.Reference());
                waiting.Add(question);
                send(options);
            }
            finally
            {
                RdKafka.AdminOptionsDestroy(options);
            }
        }
    }

    /// <summary>Hands each answer to whoever asked.</summary>
    private void Answer()
    {
        while (!Volatile.Read(ref disposed))
        {
            var answer = RdKafka.QueuePoll(client.Queue, PollMilliseconds);
            if (answer == 0)
            {
                continue;
            }

            if (Question.Of(RdKafka.EventOpaque(answer)) is { } question)
            {
                lock (gate)
                {
                    waiting.Remove(question);
                }

                question.Take(answer);
            }

            RdKafka.EventDestroy(answer);
        }
    }

    private static unsafe IReadOnlyDictionary<string, TopicFacts> TopicsOf(nint answer)
    {
        var found = new Dictionary<string, TopicFacts>(StringComparer.Ordinal);
        nuint count;
        foreach (var topic in List(RdKafka.DescribedTopics(answer, &count), count))
        {
            var name = NativeText.Read(RdKafka.TopicDescriptionName(topic));
            var error = RdKafka.TopicDescriptionError(topic);
            var code = error == 0 ? KafkaErrorCode.None : RdKafka.ErrorCode(error);
            if (code == KafkaErrorCode.None)
            {
                found[name] = new TopicFacts(name, IdOf(RdKafka.TopicDescriptionId(topic)), PartitionsOf(topic));
            }
            else if (code is not (KafkaErrorCode.UnknownTopicOrPartition or KafkaErrorCode.UnknownTopic))
            {
                throw new EventLogUnavailableException($"Topic '{name}': {NativeText.Read(RdKafka.ErrorString(error))}");
            }
        }

        return found;
    }

    private static unsafe IReadOnlyList<PartitionFacts> PartitionsOf(nint topic)
    {
        nuint count;
        return
        [
            .. List(RdKafka.TopicDescriptionPartitions(topic, &count), count).OrderBy(RdKafka.PartitionInfoNumber).Select(partition =>
            {
                nuint replicas;
                nuint inSync;
                var leader = RdKafka.PartitionInfoLeader(partition);
                return new PartitionFacts(
                    leader == 0 ? -1 : RdKafka.NodeId(leader),
                    [.. List(RdKafka.PartitionInfoReplicas(partition, &replicas), replicas).Select(RdKafka.NodeId)],
                    [.. List(RdKafka.PartitionInfoInSync(partition, &inSync), inSync).Select(RdKafka.NodeId)]);
            }),
        ];
    }

    private static unsafe ClusterFacts ClusterOf(nint answer)
    {
        nuint count;
        var controller = RdKafka.DescribedController(answer);
        return new ClusterFacts(
            NativeText.Read(RdKafka.DescribedClusterId(answer)),
            controller == 0 ? null : RdKafka.NodeId(controller),
            [.. List(RdKafka.DescribedNodes(answer, &count), count).Select(node => new NodeFacts(
                RdKafka.NodeId(node), NativeText.Read(RdKafka.NodeHost(node)), RdKafka.NodePort(node), NativeText.Read(RdKafka.NodeRack(node))))]);
    }

    private static unsafe IReadOnlyDictionary<TopicPartition, long?> OffsetsOf(nint answer)
    {
        var found = new Dictionary<TopicPartition, long?>();
        nuint count;
        foreach (var info in List(RdKafka.ListedOffsets(answer, &count), count))
        {
            var partition = RdKafka.ListedPartition(info);

            // A partition whose leader did not answer in time has no error, and an offset that is none.
            found[new TopicPartition(NativeText.Read(partition->Topic), partition->Partition)] = partition->Error == KafkaErrorCode.None && partition->Offset >= 0 ? partition->Offset : null;
        }

        return found;
    }

    // As Kafka's own tools write it: base64 for URLs, which has no slash.
    private static unsafe string IdOf(nint id) => NativeText.Read(RdKafka.UuidText(id)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>The pointers of an array, which is null where it is empty.</summary>
    private static unsafe nint[] List(nint* pointers, nuint count) => pointers is null ? [] : new ReadOnlySpan<nint>(pointers, checked((int)count)).ToArray();

    /// <summary>What was asked and has no answer yet; the library carries a reference to it.</summary>
    private abstract class Question
    {
        private GCHandle reference;

        public static Question? Of(nint reference) => reference == 0 ? null : (Question?)GCHandle.FromIntPtr(reference).Target;

        public static EventLogUnavailableException Closed() => new("The connection to Kafka is closed");

        public nint Reference() => GCHandle.ToIntPtr(reference = GCHandle.Alloc(this));

        public void Take(nint answer)
        {
            reference.Free();
            Read(answer);
        }

        /// <summary>For a question whose answer nobody will hand over.</summary>
        public void Close()
        {
            reference.Free();
            Fail(Closed());
        }

        protected abstract void Read(nint answer);

        protected abstract void Fail(Exception error);
    }

    private sealed class Question<T>(Func<nint, T> read) : Question
    {
        private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Answer => completion.Task;

        protected override unsafe void Read(nint answer)
        {
            if (RdKafka.EventError(answer) != KafkaErrorCode.None)
            {
                Fail(new EventLogUnavailableException(NativeText.Read(RdKafka.EventErrorString(answer))));
                return;
            }

            try
            {
                completion.TrySetResult(read(answer));
            }
            catch (EventLogUnavailableException error)
            {
                Fail(error);
            }
        }

        protected override void Fail(Exception error) => completion.TrySetException(error);
    }
}
