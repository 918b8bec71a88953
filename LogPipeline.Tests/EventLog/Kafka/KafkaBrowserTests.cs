using System.Globalization;
using System.Text;
using Confluent.Kafka;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Streams;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.Live;
using Xunit;

namespace LogPipeline.Tests.EventLog.Kafka;

/// <summary>What pages see of a real broker: topics, settings, and single messages with nothing more than was asked for.</summary>
public sealed class KafkaBrowserTests(KafkaServer kafka) : IAsyncDisposable
{
    private const int Partitions = 3;
    private readonly string topic = $"seen-{Guid.NewGuid():N}";
    private KafkaLogs? logs;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_follow_each_other_from_the_oldest_message_to_the_newest_without_a_gap()
    {
        var (cluster, browser) = await OpenAsync();
        cluster.Produce(topic, Enumerable.Range(0, 500).Select(number => new Message<string?, byte[]?> { Key = $"k-{number}", Value = Bytes($"v-{number}") }));
        var seen = new List<BrokerMessage>();
        BrokerMessageStart from = new BrokerMessageStart.Oldest();
        BrokerMessagePage page;
        do
        {
            page = await ReadAsync(browser, from, limit: 60);
            Assert.InRange(page.Messages.Count, 1, 60);
            seen.AddRange(page.Messages);
            from = new BrokerMessageStart.Positions(page.Next);
        }
        while (!page.IsAtEnd);

        Assert.Equal(500, seen.Select(message => message.Position).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, 500).Select(number => $"v-{number}").Order(), seen.Select(message => Text(message.Value)).Order());
        Assert.All(seen.GroupBy(message => message.Position.Partition), one => Assert.Equal(Enumerable.Range(0, one.Count()).Select(offset => (long)offset), one.Select(message => message.Position.Offset)));
        Assert.All(seen, message => Assert.Equal(Text(message.Key)![2..], Text(message.Value)![2..]));
    }

    [Fact]
    public async Task The_newest_page_holds_the_last_messages_of_every_partition_past_the_marks_of_transactions()
    {
        var (cluster, browser, log) = await OpenWithLogAsync();
        for (var number = 0; number < 12; number++)
        {
            // Each append is a transaction of its own, so that every message is followed by a mark.
            using var batch = new Core.Ingest.ParsedBatch(log.Stream, Batches.Columns([new Event(1_700_000_000_000_000) { Message = $"m-{number}", Session = "one" }]), [], null);
            Assert.IsType<AppendOutcome.Appended>(await log.AppendAsync(batch, Cancel));
        }

        var partition = (await ReadAsync(browser, new BrokerMessageStart.Oldest(), 1)).Messages[0].Position.Partition;
        var page = await ReadAsync(browser, new BrokerMessageStart.Newest(), limit: 4, partition);
        Assert.Equal(["m-8", "m-9", "m-10", "m-11"], page.Messages.Select(message => System.Text.Json.JsonDocument.Parse(message.Value!.Value).RootElement.GetProperty("message").GetString()));
        Assert.True(page.IsAtEnd);
        Assert.True(page.Bounds[0].End > 12, "transactions leave marks");
        Assert.Equal("one", Text(page.Messages[0].Key));
        Assert.NotNull(cluster);
    }

    [Fact]
    public async Task A_page_begins_at_an_offset_or_at_a_time_and_shows_keys_headers_tombstones_and_the_head_of_long_values()
    {
        var (cluster, browser) = await OpenAsync();
        // Within the retention, and whole milliseconds, as Kafka keeps them.
        var early = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 3_600);
        var large = new byte[BrokerMessage.MaxValueBytes + 1];
        cluster.Produce(topic,
        [
            At(early, new() { Key = "same", Value = Bytes("first") }),
            At(early.AddSeconds(10), new() { Key = "same", Value = null, Headers = [new Header("trace", Bytes("t-1")), new Header("trace", null)] }),
            At(early.AddSeconds(20), new() { Key = "same", Value = large }),
        ]);

        var timed = await ReadAsync(browser, new BrokerMessageStart.Time(early.AddSeconds(5)), 10);
        Assert.Equal([1, 2], timed.Messages.Select(message => message.Position.Offset));
        Assert.Equal(early.AddSeconds(10), timed.Messages[0].Timestamp);
        Assert.False(timed.Messages[0].IsLogAppendTime);
        Assert.Null(timed.Messages[0].Value);
        Assert.Equal(["trace", "trace"], timed.Messages[0].Headers.Select(header => header.Name));
        Assert.Equal(["t-1", null], timed.Messages[0].Headers.Select(header => Text(header.Value)));
        Assert.Equal((BrokerMessage.MaxValueBytes, large.Length), (timed.Messages[1].Value!.Value.Length, timed.Messages[1].ValueSize));

        var partition = timed.Messages[0].Position.Partition;
        Assert.Equal("first", Text((await ReadAsync(browser, new BrokerMessageStart.Offset(0), 1, partition)).Messages[0].Value));
        Assert.Empty((await ReadAsync(browser, new BrokerMessageStart.Offset(1_000), 10)).Messages);
        Assert.Empty((await ReadAsync(browser, new BrokerMessageStart.Time(early.AddDays(1)), 10)).Messages);
    }

    [Fact]
    public async Task Topics_show_their_identity_partitions_copies_and_settings()
    {
        var (cluster, browser) = await OpenAsync();
        cluster.Produce(topic, [new Message<string?, byte[]?> { Value = Bytes("one") }]);
        Assert.Contains(await browser.ListTopicsAsync(Cancel), one => one == new BrokerTopicSummary(topic, Partitions, 1, 0, 0, false));

        var details = (await browser.ReadTopicAsync(topic, Cancel))!;
        Assert.Equal(1, details.Topic.Partitions.Sum(partition => partition.End - partition.Begin));
        Assert.All(details.Topic.Partitions, partition => Assert.Equal((1, 1), (partition.LeaderId!.Value, Assert.Single(partition.InSyncIds))));
        Assert.Contains(details.Settings!, setting => setting is { Name: "max.message.bytes", Value: "4194304", IsDefault: false });
        Assert.Contains(details.Settings!, setting => setting is { Name: "cleanup.policy", Value: "delete", IsDefault: true });

        await RunAsync(() => browser.Status is { IsReachable: true, Problem: null, Topics: [{ } known] } && known.Partitions.Sum(partition => partition.End) == 1);
        Assert.Equal(cluster.Nodes[0].Port, Assert.Single(browser.Status.Brokers).Port);
    }

    [Fact]
    public async Task What_is_not_there_is_said_in_words_and_not_by_an_empty_page()
    {
        var (_, browser) = await OpenAsync();
        Assert.Null(await browser.ReadTopicAsync("no-such-topic", Cancel));
        Assert.Null(await browser.ReadMessagesAsync(new BrokerMessageRequest("no-such-topic", new BrokerMessageStart.Newest()), Cancel));
        var error = await Assert.ThrowsAsync<ArgumentException>(() => ReadAsync(browser, new BrokerMessageStart.Newest(), 1, partition: 7));
        Assert.StartsWith($"Topic '{topic}' has no partition 7; it has 3", error.Message, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        if (logs is not null)
        {
            await logs.DisposeAsync();
        }
    }

    private static Message<string?, byte[]?> At(DateTimeOffset time, Message<string?, byte[]?> message)
    {
        message.Timestamp = new Timestamp(time);
        return message;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string? Text(ReadOnlyMemory<byte>? bytes) => bytes is { } some ? Encoding.UTF8.GetString(some.Span) : null;

    private static async Task RunAsync(Func<bool> isTrue)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!isTrue())
        {
            await Task.Delay(50, patience.Token);
        }
    }

    private async Task<BrokerMessagePage> ReadAsync(IBrokerBrowser browser, BrokerMessageStart from, int limit, int? partition = null) =>
        (await browser.ReadMessagesAsync(new BrokerMessageRequest(topic, from, limit) { Partition = partition }, Cancel))!;

    private async Task<(KafkaCluster Cluster, IBrokerBrowser Browser)> OpenAsync()
    {
        var (cluster, browser, _) = await OpenWithLogAsync();
        return (cluster, browser);
    }

    private async Task<(KafkaCluster Cluster, IBrokerBrowser Browser, IEventLog Log)> OpenWithLogAsync()
    {
        var cluster = await kafka.GetAsync();
        logs = new KafkaLogs(cluster.Brokers);
        var connection = await logs.ConnectAsync(Batches.Stream with { Topic = topic }, Partitions, options => options.GroupId = string.Create(CultureInfo.InvariantCulture, $"group-{topic}"));
        return (cluster, connection.Browser, connection.Logs[0]);
    }
}
