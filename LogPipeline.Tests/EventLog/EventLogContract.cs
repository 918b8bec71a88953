using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Streams;
using LogPipeline.Tests.Ingest;
using Xunit;

namespace LogPipeline.Tests.EventLog;

/// <summary>What every implementation of <see cref="IEventLog"/> must do.</summary>
public abstract class EventLogContract
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Opens the log under test; the same folder or topic each time within a test.</summary>
    protected abstract Task<IEventLog> OpenAsync(StreamDefinition stream);

    [Fact]
    public async Task Batches_are_read_in_order()
    {
        await using var log = await OpenAsync(SomeBatch.Stream);
        Assert.Equal(2, Assert.IsType<AppendOutcome.Appended>(await AppendAsync(log, ["a", "b"])).Count);
        Assert.Equal(1, Assert.IsType<AppendOutcome.Appended>(await AppendAsync(log, ["c"])).Count);

        var records = await RecordsAsync(log, 0);
        Assert.Equal(["a", "b", "c"], records.Select(record => record.Text));
        Assert.Equal(records.Select(record => record.Offset).Distinct().Order(), records.Select(record => record.Offset));
        Assert.True(log.Bounds[0].End > records[^1].Offset);
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
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(9)]
    [InlineData(10)]
    public async Task Reading_starts_exactly_where_it_is_asked_to(int from)
    {
        await using var log = await OpenAsync(SomeBatch.Stream);
        await AppendAsync(log, [.. Enumerable.Range(0, 5).Select(number => $"m{number}")]);
        await AppendAsync(log, [.. Enumerable.Range(5, 5).Select(number => $"m{number}")]);

        var all = await RecordsAsync(log, 0);
        var start = from < all.Count ? all[from].Offset : all[^1].Offset + 1;
        Assert.Equal(Enumerable.Range(0, 10).Skip(from).Select(number => $"m{number}"), await MessagesAsync(log, start));
    }

    [Fact]
    public async Task Batches_cover_every_offset_from_where_reading_starts()
    {
        await using var log = await OpenAsync(SomeBatch.Stream);
        await AppendAsync(log, ["a", "b"]);
        using (var batch = SomeBatch.Of(["c"], rejected: 2))
        {
            await log.AppendAsync(batch, Stop);
        }

        await AppendAsync(log, ["d"]);
        var next = 1L;
        await foreach (var read in log.ReadAsync([new EventPosition(0, 1)], follow: false, Stop))
        {
            using var batch = Assert.IsType<LogRead.Batch>(read).Value;
            Assert.Equal(next, batch.Range.First);
            next = batch.Range.Last + 1;
        }

        Assert.Equal(log.Bounds[0].End, next);
    }

    [Fact]
    public async Task Several_consumers_follow_at_their_own_positions()
    {
        await using var log = await OpenAsync(SomeBatch.Stream);
        await AppendAsync(log, ["a", "b"]);
        var last = (await RecordsAsync(log, 0))[^1].Offset;
        var all = TakeAsync(log, 0, 4);
        var late = TakeAsync(log, last + 1, 2);
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
            Assert.Equal(4, Assert.IsType<AppendOutcome.Appended>(await log.AppendAsync(batch, Stop)).Count);
        }

        await AppendAsync(log, ["c"]);
        var records = await RecordsAsync(log, 0);
        Assert.Equal(["a", "b", "rejected: reason 0", "rejected: reason 1", "c"], records.Select(record => record.Text));
        Assert.Equal([0L, 1L, 2L, 3L], records.Take(4).Select(record => record.Offset));
        Assert.Equal(["rejected: reason 1", "c"], (await RecordsAsync(log, 3)).Select(record => record.Text));
    }

    [Fact]
    public async Task A_rejected_record_is_read_as_it_was_appended()
    {
        await using var log = await OpenAsync(SomeBatch.Stream);
        RejectedRecord[] sent =
        [
            new("status", "must be a whole number", "access.log", 41, "{\"status\":\"x\"}"u8.ToArray()),
            new(null, "is not UTF-8: ümlaut", null, 0, (byte[])[0xFF, 0, 0x7F]),
            new(null, "is empty", "", 7, ReadOnlyMemory<byte>.Empty),
        ];
        using (var empty = SomeBatch.Of([]))
        using (var batch = new ParsedBatch(empty.Stream, empty.Events, sent, null))
        {
            Assert.Equal(3, Assert.IsType<AppendOutcome.Appended>(await log.AppendAsync(batch, Stop)).Count);
        }

        var found = new List<RejectedRecord>();
        await foreach (var read in log.ReadAsync([], follow: false, Stop))
        {
            using var batch = Assert.IsType<LogRead.Batch>(read).Value;
            found.AddRange(batch.Rejected);
        }

        Assert.Equal(sent.Select(Describe), found.Select(Describe));

        static string Describe(RejectedRecord one) => $"{one.Field}|{one.Reason}|{(one.Source is null ? "null" : "'" + one.Source + "'")}|{one.Place}|{Convert.ToHexString(one.Raw.Span)}";
    }

    [Fact]
    public async Task An_event_is_read_with_the_columns_it_was_appended_with()
    {
        await using var log = await OpenAsync(SomeBatch.Stream);
        var lines = """
            {"timestamp":"2025-11-23T03:41:07.250123Z","level":"info","source":"shop","endpoint":"/a?b=\u003cc\u003e","method":"GET","status":200,"response_time":0.1,"user_id":"u \"1\"","session_id":"s-1","bytes":9007199254740993,"message":"line\nwith ümlaut 😀 and \\ and \u0001","plan":"pro","items":3,"deep":{"a":[1,2.50,null]},"yes":true}
            {"timestamp":1763869267250,"message":"","response_time":1e-7}
            {"level":"trace","bytes":0,"status":-1}
            """;
        List<Dictionary<string, string>> sent;
        var options = new IngestOptions();
        using (var parser = new EventParser(log.Stream, new Core.Ingest.Formats.JsonEventFormat(log.Stream.Schema, options), options, TimeProvider.System))
        {
            parser.Parse(System.Text.Encoding.UTF8.GetBytes(lines), last: true);
            using var batch = parser.Take(null);
            Assert.Empty(batch.Rejected);
            sent = [.. EventRows.Of(batch.Events)];
            Assert.Equal(3, Assert.IsType<AppendOutcome.Appended>(await log.AppendAsync(batch, Stop)).Count);
        }

        var found = new List<Dictionary<string, string>>();
        await foreach (var read in log.ReadAsync([], follow: false, Stop))
        {
            using var batch = Assert.IsType<LogRead.Batch>(read).Value;
            found.AddRange(EventRows.Of(batch.Events));
        }

        Assert.Equal(3, sent.Count);
        Assert.Equal(sent.Select(Describe), found.Select(Describe));

        static string Describe(Dictionary<string, string> row) => string.Join('|', row.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => $"{field.Key}={field.Value}"));
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
        Assert.Equal(2_000, Assert.IsType<AppendOutcome.Appended>(await AppendAsync(log, messages, new IdempotencyKeyOrigin("large"))).Count);
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

    /// <summary>Every record from an offset to the present end: an event's message, or the reason of a rejected one.</summary>
    protected static async Task<List<(long Offset, string Text)>> RecordsAsync(IEventLog log, long from)
    {
        var records = new List<(long, string)>();
        await foreach (var read in log.ReadAsync([new EventPosition(0, from)], follow: false, Stop))
        {
            using var batch = Assert.IsType<LogRead.Batch>(read).Value;
            var inBatch = SomeBatch.Messages(batch.Events).Select((message, row) => (batch.OffsetOf(row), message))
                .Concat(batch.Rejected.Select((record, index) => (batch.OffsetOfRejected(index), $"rejected: {record.Reason}")));
            records.AddRange(inBatch.OrderBy(record => record.Item1));
        }

        return records;
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
