using LogPipeline.Core.EventLog;
using LogPipeline.Core.EventLog.Embedded;
using LogPipeline.Core.Streams;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LogPipeline.Tests.EventLog;

/// <summary>The embedded log: the contract, and what is its own.</summary>
public sealed class EmbeddedEventLogTests : EventLogContract, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("logpipeline-eventlog-").FullName;
    private readonly EventLogEvents events = new(NullLogger<EventLogEvents>.Instance);

    protected override Task<IEventLog> OpenAsync(StreamDefinition stream) =>
        Task.FromResult<IEventLog>(EmbeddedEventLog.Open(Path.Combine(folder, stream.Name), stream, new EventLogOptions { MemoryMiB = 16, SegmentMiB = 16 }, events, TimeProvider.System));

    [Fact]
    public async Task Positions_are_dense()
    {
        await using var log = await OpenAsync(SomeBatch.Stream);
        var first = Assert.IsType<AppendOutcome.Appended>(await AppendAsync(log, ["a", "b"]));
        var second = Assert.IsType<AppendOutcome.Appended>(await AppendAsync(log, ["c"]));

        Assert.Equal(new EventRange(0, 0, 1), first.Range);
        Assert.Equal(new EventRange(0, 2, 2), second.Range);
        Assert.Equal(3, log.Bounds[0].End);
    }

    [Fact]
    public async Task Retention_drops_whole_files_and_a_late_reader_gets_a_gap()
    {
        var stream = SomeBatch.Stream with { Retention = new EventLogRetention(48L << 20, TimeSpan.FromDays(1)) };
        await using var log = await OpenAsync(stream);
        var text = new string('x', 100_000);
        List<string> messages = [.. Enumerable.Range(0, 30).Select(number => $"{number} {text}")];
        for (var round = 0; round < 40; round++)
        {
            var appended = Assert.IsType<AppendOutcome.Appended>(await AppendAsync(log, messages));
            log.MarkStored(new EventPosition(0, appended.Range!.Value.Last));
        }

        Assert.True(log.Bounds[0].Begin > 0, "Nothing was dropped");
        Assert.InRange(log.Status.SizeBytes, 1, 48L << 20);
        await using var reads = log.ReadAsync([new EventPosition(0, 0)], follow: false, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await reads.MoveNextAsync());
        Assert.Equal(new EventRange(0, 0, log.Bounds[0].Begin - 1), Assert.IsType<LogRead.Gap>(reads.Current).Range);
        Assert.True(await reads.MoveNextAsync());
        using var batch = Assert.IsType<LogRead.Batch>(reads.Current).Value;
        Assert.Equal(log.Bounds[0].Begin, batch.Range.First);
    }

    [Fact]
    public async Task A_log_full_of_events_that_are_not_stored_refuses_and_takes_more_once_they_are()
    {
        var stream = SomeBatch.Stream with { Retention = new EventLogRetention(48L << 20, TimeSpan.FromDays(1)) };
        await using var log = await OpenAsync(stream);
        var text = new string('x', 100_000);
        List<string> messages = [.. Enumerable.Range(0, 30).Select(number => $"{number} {text}")];
        AppendOutcome outcome;
        long last = 0;
        do
        {
            outcome = await AppendAsync(log, messages);
            last = outcome is AppendOutcome.Appended appended ? appended.Range!.Value.Last : last;
        }
        while (outcome is AppendOutcome.Appended);

        Assert.True(Assert.IsType<AppendOutcome.Full>(outcome).RetryAfter > TimeSpan.Zero);
        Assert.Equal(0, log.Bounds[0].Begin);
        log.MarkStored(new EventPosition(0, last));
        Assert.IsType<AppendOutcome.Appended>(await AppendAsync(log, messages));
    }

    [Fact]
    public async Task A_log_goes_on_counting_after_everything_was_dropped_and_it_was_opened_again()
    {
        var stream = SomeBatch.Stream with { Retention = new EventLogRetention(32L << 20, TimeSpan.FromDays(1)) };
        var text = new string('x', 100_000);
        List<string> messages = [.. Enumerable.Range(0, 30).Select(number => $"{number} {text}")];
        PartitionBounds before;
        await using (var log = await OpenAsync(stream))
        {
            for (var round = 0; round < 20; round++)
            {
                var appended = Assert.IsType<AppendOutcome.Appended>(await AppendAsync(log, messages));
                log.MarkStored(new EventPosition(0, appended.Range!.Value.Last));
            }

            before = log.Bounds[0];
        }

        await using (var log = await OpenAsync(stream))
        {
            Assert.Equal(before, log.Bounds[0]);
            Assert.Equal((int)(before.End - before.Begin), (await MessagesAsync(log, before.Begin)).Count);
        }
    }

    [Fact]
    public async Task A_torn_tail_is_cut_off_and_a_damaged_entry_inside_is_a_gap()
    {
        await using (var log = await OpenAsync(SomeBatch.Stream))
        {
            await AppendAsync(log, ["a"]);
            await AppendAsync(log, ["b"]);
            await AppendAsync(log, ["c"]);
        }

        var file = Path.Combine(folder, "web-logs", "log.0");
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        var torn = bytes[..(Array.FindLastIndex(bytes, one => one != 0) - 20)];
        await File.WriteAllBytesAsync(file, torn, TestContext.Current.CancellationToken);

        await using (var log = await OpenAsync(SomeBatch.Stream))
        {
            Assert.Equal(["a", "b"], await MessagesAsync(log, 0));
            Assert.Equal(2, Assert.IsType<AppendOutcome.Appended>(await AppendAsync(log, ["d"])).Range!.Value.First);
            Assert.Equal(["a", "b", "d"], await MessagesAsync(log, 0));
        }
    }

    [Fact]
    public async Task A_folder_of_another_stream_is_refused_by_name()
    {
        await using (await OpenAsync(SomeBatch.Stream))
        {
        }

        var other = SomeBatch.Stream with { Name = "other" };
        Directory.Move(Path.Combine(folder, "web-logs"), Path.Combine(folder, "other"));
        var error = await Assert.ThrowsAsync<EventLogException>(() => OpenAsync(other));
        Assert.Contains("'web-logs'", error.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        events.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
