using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Streams;
using Xunit;

namespace LogPipeline.Tests.EventLog;

/// <summary>What every implementation of <see cref="IEventLog"/> must do.</summary>
public abstract class EventLogContract
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Opens the log under test; the same folder or topic each time within a test.</summary>
    protected abstract Task<IEventLog> OpenAsync(StreamDefinition stream);

    [Fact]
    public async Task Batches_are_read_in_order_with_dense_positions()
    {
        await using var log = await OpenAsync(SomeBatch.Stream);
        var first = Assert.IsType<AppendOutcome.Appended>(await AppendAsync(log, ["a", "b"]));
        var second = Assert.IsType<AppendOutcome.Appended>(await AppendAsync(log, ["c"]));

        Assert.Equal(first.Range.Last + 1, second.Range.First);
        Assert.Equal(second.Range.Last + 1, log.Bounds[0].End);
        Assert.Equal(["a", "b", "c"], await MessagesAsync(log, 0));
    }

    [Fact]
    public async Task What_was_appended_is_there_after_closing_and_opening()
    {
        string id;
        await using (var log = await OpenAsync(SomeBatch.Stream))
        {
            id = log.LogId;
            await AppendAsync(log, ["a", "b"]);
        }

        await using (var log = await OpenAsync(SomeBatch.Stream))
        {
            Assert.Equal(id, log.LogId);
            await AppendAsync(log, ["c"]);
            Assert.Equal(["a", "b", "c"], await MessagesAsync(log, 0));
        }

        await using (var log = await OpenAsync(SomeBatch.Stream))
        {
            Assert.Equal(["a", "b", "c"], await MessagesAsync(log, 0));
            Assert.Equal(3, log.Bounds[0].End);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(9)]
    [InlineData(10)]
    public async Task Reading_starts_exactly_where_it_is_asked_to(long from)
    {
        await using var log = await OpenAsync(SomeBatch.Stream);
        await AppendAsync(log, [.. Enumerable.Range(0, 5).Select(number => $"m{number}")]);
        await AppendAsync(log, [.. Enumerable.Range(5, 5).Select(number => $"m{number}")]);

        Assert.Equal(Enumerable.Range(0, 10).Skip((int)from).Select(number => $"m{number}"), await MessagesAsync(log, from));
    }

    [Fact]
    public async Task Several_consumers_follow_at_their_own_positions()
    {
        await using var log = await OpenAsync(SomeBatch.Stream);
        await AppendAsync(log, ["a", "b"]);
        var all = TakeAsync(log, 0, 4);
        var late = TakeAsync(log, 2, 2);
        await AppendAsync(log, ["c", "d"]);

        Assert.Equal(["a", "b", "c", "d"], await all);
        Assert.Equal(["c", "d"], await late);
    }

    [Fact]
    public async Task Rejected_records_take_the_positions_behind_the_events_of_their_batch()
    {
        await using var log = await OpenAsync(SomeBatch.Stream);
        using (var batch = SomeBatch.Of(["a", "b"], rejected: 2))
        {
            var appended = Assert.IsType<AppendOutcome.Appended>(await log.AppendAsync(batch, Stop));
            Assert.Equal(4, appended.Range.Count);
        }

        await AppendAsync(log, ["c"]);
        await using var reads = log.ReadAsync([new EventPosition(0, 3)], follow: false, Stop).GetAsyncEnumerator(Stop);
        Assert.True(await reads.MoveNextAsync());
        using (var rest = Assert.IsType<LogRead.Batch>(reads.Current).Value)
        {
            Assert.Equal(0, rest.Events.Length);
            var rejected = Assert.Single(rest.Rejected);
            Assert.Equal("reason 1", rejected.Reason);
            Assert.Equal("raw 1"u8.ToArray(), rejected.Raw.ToArray());
            Assert.Equal(3, rest.OffsetOfRejected(0));
        }

        Assert.True(await reads.MoveNextAsync());
        using var next = Assert.IsType<LogRead.Batch>(reads.Current).Value;
        Assert.Equal(4, next.OffsetOf(0));
    }

    [Fact]
    public async Task A_repeated_key_or_file_range_adds_nothing()
    {
        await using (var log = await OpenAsync(SomeBatch.Stream))
        {
            Assert.IsType<AppendOutcome.Appended>(await AppendAsync(log, ["a"], new IdempotencyKeyOrigin("k")));
            Assert.IsType<AppendOutcome.Appended>(await AppendAsync(log, ["b"], new IdempotencyKeyOrigin("k", 1)));
            Assert.IsType<AppendOutcome.Appended>(await AppendAsync(log, ["c"], new FileRangeOrigin("f", 0, 100, 1)));
        }

        await using (var log = await OpenAsync(SomeBatch.Stream))
        {
            Assert.Equal(1, Assert.IsType<AppendOutcome.Duplicate>(await AppendAsync(log, ["a"], new IdempotencyKeyOrigin("k"))).Count);
            Assert.IsType<AppendOutcome.Duplicate>(await AppendAsync(log, ["c"], new FileRangeOrigin("f", 0, 100, 1)));
            Assert.Equal(100, log.FindFile("f")!.End);
            Assert.Null(log.FindFile("g"));
            Assert.IsType<AppendOutcome.Appended>(await AppendAsync(log, ["d"], new FileRangeOrigin("f", 100, 200, 2)));
            Assert.Equal(["a", "b", "c", "d"], await MessagesAsync(log, 0));
        }
    }

    [Fact]
    public async Task Of_equal_keys_that_arrive_together_one_is_added()
    {
        await using var log = await OpenAsync(SomeBatch.Stream);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => AppendAsync(log, ["a"], new IdempotencyKeyOrigin("same")), Stop)));

        Assert.Single(outcomes, outcome => outcome is AppendOutcome.Appended);
        Assert.Equal(["a"], await MessagesAsync(log, 0));
    }

    [Fact]
    public async Task A_batch_larger_than_an_entry_is_split_and_stays_together()
    {
        await using var log = await OpenAsync(SomeBatch.Stream);
        var text = new string('x', 10_000);
        List<string> messages = [.. Enumerable.Range(0, 2_000).Select(number => $"{number} {text}")];
        var appended = Assert.IsType<AppendOutcome.Appended>(await AppendAsync(log, messages, new IdempotencyKeyOrigin("large")));

        Assert.Equal(new EventRange(0, 0, 1_999), appended.Range);
        Assert.Equal(messages, await MessagesAsync(log, 0));
    }

    [Fact]
    public async Task An_empty_batch_adds_nothing()
    {
        await using var log = await OpenAsync(SomeBatch.Stream);
        await AppendAsync(log, []);
        Assert.Equal(0, log.Bounds[0].End);
    }

    [Fact]
    public async Task Appends_from_many_threads_are_all_there_once()
    {
        await using var log = await OpenAsync(SomeBatch.Stream);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(
            async () =>
            {
                for (var number = 0; number < 100; number++)
                {
                    await AppendAsync(log, [$"{thread}-{number}"]);
                }
            },
            Stop)));

        var messages = await MessagesAsync(log, 0);
        Assert.Equal(800, messages.Count);
        Assert.Equal(800, messages.Distinct().Count());
        foreach (var thread in Enumerable.Range(0, 8))
        {
            Assert.Equal(Enumerable.Range(0, 100).Select(number => $"{thread}-{number}"), messages.Where(message => message.StartsWith($"{thread}-", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task A_reader_that_waits_ends_when_it_is_cancelled()
    {
        await using var log = await OpenAsync(SomeBatch.Stream);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var reading = Task.Run(async () => await DrainAsync(log, cancel.Token), Stop);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    /// <summary>Appends a batch of messages.</summary>
    protected static async Task<AppendOutcome> AppendAsync(IEventLog log, IReadOnlyList<string> messages, BatchOrigin? origin = null)
    {
        using var batch = SomeBatch.Of(messages, origin, stream: log.Stream);
        return await log.AppendAsync(batch, Stop);
    }

    /// <summary>Every message from an offset to the present end.</summary>
    protected static async Task<List<string>> MessagesAsync(IEventLog log, long from)
    {
        var messages = new List<string>();
        await foreach (var read in log.ReadAsync([new EventPosition(0, from)], follow: false, Stop))
        {
            using var batch = Assert.IsType<LogRead.Batch>(read).Value;
            messages.AddRange(SomeBatch.Messages(batch.Events));
        }

        return messages;
    }

    private static async Task<List<string>> TakeAsync(IEventLog log, long from, int count)
    {
        var messages = new List<string>();
        await foreach (var read in log.ReadAsync([new EventPosition(0, from)], follow: true, Stop))
        {
            using var batch = Assert.IsType<LogRead.Batch>(read).Value;
            messages.AddRange(SomeBatch.Messages(batch.Events));
            if (messages.Count >= count)
            {
                break;
            }
        }

        return messages;
    }

    private static async Task DrainAsync(IEventLog log, CancellationToken cancellationToken)
    {
        await foreach (var read in log.ReadAsync([], follow: true, cancellationToken))
        {
            Assert.Fail($"Nothing was appended, but {read} was read");
        }
    }
}
