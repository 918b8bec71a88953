using LogPipeline.Core.EventLog;
using LogPipeline.Core.EventLog.Embedded;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Live;
using LogPipeline.Core.Streams;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace LogPipeline.Tests.Live;

/// <summary>The reader over the real embedded log, in real time.</summary>
public sealed class LiveOverEmbeddedLogTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("logpipeline-live-").FullName;
    private readonly EventLogEvents logEvents = new(NullLogger<EventLogEvents>.Instance);
    private readonly LiveEvents liveEvents = new(NullLogger<LiveEvents>.Instance);

    public void Dispose()
    {
        logEvents.Dispose();
        liveEvents.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_tail_started_by_the_signal_sees_every_event_once_and_a_restart_reads_back_the_same()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var log = EmbeddedEventLog.Open(folder, Batches.Stream, new EventLogOptions { MemoryMiB = 16, SegmentMiB = 16 }, logEvents, TimeProvider.System);
        await AppendAsync(log, 500);
        using (var views = Views())
        using (var reader = Reader(log, views))
        {
            await reader.StartAsync(cancel);
            var view = views.Views[0];
            using var signal = new SemaphoreSlim(0);
            using var subscription = view.Subscribe(() =>
            {
                signal.Release();
                return Task.CompletedTask;
            });
            var page = view.ReadRecent(new RecentQuery(EventFilter.None, 10_000));
            var seen = page.Rows.Select(row => row.Position.Offset).ToList();
            var appending = Task.Run(async () =>
            {
                for (var i = 0; i < 200; i++)
                {
                    await AppendAsync(log, 1 + (i % 7));
                }
            }, cancel);
            var next = page.Next;
            while (seen.Count < 500 + Enumerable.Range(0, 200).Sum(i => 1 + (i % 7)))
            {
                Assert.True(await signal.WaitAsync(TimeSpan.FromSeconds(60), cancel), $"no signal after {seen.Count} events");
                page = view.ReadRecent(new RecentQuery(EventFilter.None, 10_000, After: next, OldestFirst: true));
                seen.AddRange(page.Rows.Select(row => row.Position.Offset));
                next = page.Next;
            }

            await appending;
            Assert.Equal(Enumerable.Range(0, seen.Count).Select(offset => (long)offset), seen);
            await reader.StopAsync(cancel);
        }

        using var again = Views();
        using var second = Reader(log, again);
        await second.StartAsync(cancel);
        while (!again.Views[0].Status.CaughtUp)
        {
            await Task.Delay(5, cancel);
        }

        var snapshot = again.Views[0].Read(new LiveQuery(EventFilter.None, TimeSpan.FromMinutes(15)));
        Assert.Equal(log.Bounds[0].End, snapshot.Metrics.Requests);
        await second.StopAsync(cancel);
    }

    private static LiveOptions Options => new();

    private LiveViews Views() => new(new StreamRegistry([Batches.Stream]), Microsoft.Extensions.Options.Options.Create(Options), liveEvents, TimeProvider.System);

    private LiveReader Reader(EmbeddedEventLog log, LiveViews views) =>
        new(new OneLog(log), views, Microsoft.Extensions.Options.Options.Create(Options), liveEvents, TimeProvider.System);

    private static async Task AppendAsync(EmbeddedEventLog log, int count)
    {
        var now = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10;
        using var batch = new ParsedBatch(
            Batches.Stream, Batches.Columns([.. Enumerable.Range(0, count).Select(i => new Event(now) { Endpoint = "/e" + i, Message = "m", Attributes = [new("k", "v")] })]), [], null);
        Assert.IsType<AppendOutcome.Appended>(await log.AppendAsync(batch, TestContext.Current.CancellationToken));
    }

    private sealed class OneLog(IEventLog log) : IEventLogs
    {
        public IReadOnlyList<IEventLog> All => [log];

        public IEventLog? Find(string stream) => log;
    }
}
