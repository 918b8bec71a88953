using System.Buffers.Binary;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.EventLog.Embedded;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Streams;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LogPipeline.Tests.EventLog;

/// <summary>The embedded log on a disk that is full, damaged or small.</summary>
public sealed class EmbeddedFailureTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string folder = Directory.CreateTempSubdirectory("logpipeline-eventlog-").FullName;
    private readonly EventLogEvents events = new(NullLogger<EventLogEvents>.Instance);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Segment => Path.Combine(folder, "log.0");

    [Fact]
    public async Task A_full_disk_refuses_every_sender_at_once_and_takes_more_when_there_is_room()
    {
        await using var log = Open();
        FillDisk();
        var first = await AppendAsync(log, "first").WaitAsync(Patience, Stop);
        Assert.Contains("space", Assert.IsType<AppendOutcome.Unavailable>(first).Reason, StringComparison.OrdinalIgnoreCase);
        Assert.False(log.Status.Writable);

        // More than can wait in the queue: none may hang.
        var others = await Task.WhenAll(Enumerable.Range(0, 400).Select(number => AppendAsync(log, $"other {number}"))).WaitAsync(Patience, Stop);
        Assert.All(others, outcome => Assert.IsType<AppendOutcome.Unavailable>(outcome));

        File.Delete(Segment);
        AppendOutcome outcome;
        while ((outcome = await AppendAsync(log, "later").WaitAsync(Patience, Stop)) is AppendOutcome.Unavailable)
        {
            await Task.Delay(20, Stop);
        }

        Assert.IsType<AppendOutcome.Appended>(outcome);
        Assert.True(log.Status.Writable);
        var messages = await MessagesAsync(log);
        Assert.Single(messages, "later");
        Assert.True(messages.Count(message => message == "first") <= 1);
    }

    [Fact]
    public async Task A_repeat_is_not_acknowledged_before_the_first_is_durable()
    {
        await using var log = Open();
        FillDisk();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AppendAsync(log, "once", new IdempotencyKeyOrigin("key")))).WaitAsync(Patience, Stop);
        Assert.All(outcomes, outcome => Assert.IsType<AppendOutcome.Unavailable>(outcome));

        File.Delete(Segment);
        AppendOutcome last;
        while ((last = await AppendAsync(log, "once", new IdempotencyKeyOrigin("key")).WaitAsync(Patience, Stop)) is AppendOutcome.Unavailable)
        {
            await Task.Delay(20, Stop);
        }

        Assert.True(last is AppendOutcome.Duplicate or AppendOutcome.Appended);
        Assert.Equal(["once"], await MessagesAsync(log));
    }

    [Fact]
    public async Task A_log_closes_while_its_disk_is_full()
    {
        var log = Open();
        FillDisk();
        Assert.IsType<AppendOutcome.Unavailable>(await AppendAsync(log, "lost").WaitAsync(Patience, Stop));
        await log.DisposeAsync().AsTask().WaitAsync(Patience, Stop);
        File.Delete(Segment);
        await using var again = Open();
        Assert.Empty(await MessagesAsync(again));
        Assert.IsType<AppendOutcome.Appended>(await AppendAsync(again, "kept"));
    }

    [Fact]
    public async Task Of_equal_file_ranges_that_arrive_together_one_is_added()
    {
        await using var log = Open();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => AppendAsync(log, "line", new FileRangeOrigin("file", 0, 5, 1)), Stop)));
        Assert.Single(outcomes, outcome => outcome is AppendOutcome.Appended);
        Assert.Equal(49, outcomes.Count(outcome => outcome is AppendOutcome.Duplicate));
        Assert.Equal(["line"], await MessagesAsync(log));
    }

    [Fact]
    public async Task The_smallest_retention_never_stops_a_log_whose_events_are_stored()
    {
        await using var log = Open(new EventLogRetention(1 << 20, TimeSpan.FromDays(1)));
        var large = new string('x', 1_000_000);
        for (var round = 0; round < 150; round++)
        {
            var appended = Assert.IsType<AppendOutcome.Appended>(await AppendAsync(log, large));
            log.MarkStored(new EventPosition(0, appended.Range!.Value.Last));
        }

        Assert.InRange(log.Status.SizeBytes, 1, 32 << 20);
    }

    [Fact]
    public async Task A_damaged_entry_inside_the_log_is_a_gap()
    {
        await using (var log = Open())
        {
            await AppendAsync(log, "a");
            await AppendAsync(log, "damaged");
            await AppendAsync(log, "c");
        }

        var bytes = await File.ReadAllBytesAsync(Segment, Stop);
        bytes[bytes.AsSpan().IndexOf("damaged"u8)]++;
        await File.WriteAllBytesAsync(Segment, bytes, Stop);
        await using var again = Open();
        Assert.Equal(["a", "gap 1-1", "c"], await MessagesAsync(again));
        Assert.Equal(3, again.Bounds[0].End);
    }

    [Fact]
    public async Task A_damaged_length_inside_the_log_is_a_gap_up_to_the_next_page()
    {
        var large = new string('x', 3_000_000);
        await using (var log = Open())
        {
            await AppendAsync(log, "a");
            await AppendAsync(log, "b");
            for (var number = 2; number < 8; number++)
            {
                await AppendAsync(log, $"{number} {large}");
            }
        }

        var bytes = await File.ReadAllBytesAsync(Segment, Stop);
        var second = LogScan.FirstAddress + 4 + ((BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(LogScan.FirstAddress)) + 3) & ~3);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(second), 100_000_000);
        await File.WriteAllBytesAsync(Segment, bytes, Stop);
        await using var again = Open();
        var read = await MessagesAsync(again);
        Assert.Equal("a", read[0]);
        Assert.Equal("gap 1-3", read[1]);
        Assert.Equal(["4", "5", "6", "7"], read.Skip(2).Select(message => message[..1]));
        Assert.Equal(8, Assert.IsType<AppendOutcome.Appended>(await AppendAsync(again, "more")).Range!.Value.First);
    }

    [Fact]
    public async Task An_entry_that_ends_with_its_page_is_found_again()
    {
        const int Page = 8 << 20;
        await using (var log = Open())
        {
            await AppendAsync(log, new string('x', 3_900_000));
            await AppendAsync(log, new string('x', 3_900_000));
            var overhead = await SizeOfAsync(log, new string('y', 640)) - 640;
            if (Left(log) % 8 != overhead % 8)
            {
                await SizeOfAsync(log, new string('y', 640));
            }

            // Arrow pads the text to 64 bytes, the header pads the key to 8.
            var room = (int)(Left(log) - overhead);
            await AppendAsync(log, new string('z', room / 64 * 64), new IdempotencyKeyOrigin(new string('k', room % 64)));
            Assert.Equal(0, Left(log));
        }

        static long Left(EmbeddedEventLog log) => Page - LogScan.FirstAddress - log.Status.SizeBytes;

        for (var round = 0; round < 3; round++)
        {
            await using var log = Open();
            var count = log.Bounds[0].End;
            Assert.Equal(count, (await MessagesAsync(log)).Count);
            Assert.Equal(count, Assert.IsType<AppendOutcome.Appended>(await AppendAsync(log, "next")).Range!.Value.First);
        }
    }

    public void Dispose()
    {
        events.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<long> SizeOfAsync(EmbeddedEventLog log, string message)
    {
        var before = log.Status.SizeBytes;
        await AppendAsync(log, message);
        return log.Status.SizeBytes - before;
    }

    private static async Task<AppendOutcome> AppendAsync(EmbeddedEventLog log, string message, BatchOrigin? origin = null)
    {
        using var batch = SomeBatch.Of([message], origin);
        return await log.AppendAsync(batch, Stop);
    }

    private static async Task<List<string>> MessagesAsync(EmbeddedEventLog log)
    {
        var messages = new List<string>();
        await foreach (var read in log.ReadAsync([new EventPosition(0, 0)], follow: false, Stop))
        {
            if (read is LogRead.Gap gap)
            {
                messages.Add($"gap {gap.Range.First}-{gap.Range.Last}");
                continue;
            }

            using var batch = ((LogRead.Batch)read).Value;
            messages.AddRange(SomeBatch.Messages(batch.Events));
        }

        return messages;
    }

    private EmbeddedEventLog Open(EventLogRetention? retention = null) => EmbeddedEventLog.Open(
        folder,
        SomeBatch.Stream with { Retention = retention ?? EventLogRetention.Default },
        new EventLogOptions { MemoryMiB = 16, SegmentMiB = 64 },
        events,
        TimeProvider.System);

    // Every write to /dev/full fails with ENOSPC.
    private void FillDisk()
    {
        if (!File.Exists("/dev/full"))
        {
            Assert.Skip("/dev/full is not there");
        }

        File.CreateSymbolicLink(Segment, "/dev/full");
    }
}
