using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Live;
using LogPipeline.Core.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace LogPipeline.Tests.Live;

/// <summary>The reader as it is composed, over a log in memory whose answers the test decides.</summary>
public sealed class LiveReaderTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider clock = new(Start);
    private readonly MemoryLog log = new();
    private readonly LiveOptions settings = new();
    private ServiceProvider? provider;

    public async ValueTask DisposeAsync()
    {
        if (provider is not null)
        {
            await provider.GetRequiredService<IHostedService>().StopAsync(CancellationToken.None);
            await provider.DisposeAsync();
        }

        await log.DisposeAsync();
    }

    [Fact]
    public async Task It_reads_back_follows_and_says_how_far_it_is()
    {
        log.Append(5, Micros(Start) - 60_000_000, rejected: 2);
        var view = await StartAsync();
        await UntilAsync(view, status => status.CaughtUp);
        Assert.Equal((5L, 2L, 0L, 0L), (view.Status.Retained, view.Status.Rejected, view.Status.Gaps, view.Status.Lag));
        Assert.NotNull(view.Read(new LiveQuery(EventFilter.None, TimeSpan.FromMinutes(15))).Previous);

        log.Append(3, Micros(Start));
        await UntilAsync(view, status => status.Retained == 8);
        Assert.Equal(8, view.Read(new LiveQuery(EventFilter.None, TimeSpan.FromMinutes(15))).Metrics.Requests);
        Assert.Equal(0, view.Status.Lag);
    }

    [Fact]
    public async Task It_reads_back_an_hour_and_not_more_than_the_ring_needs()
    {
        settings.RingCapacity = 1_000;
        for (var minute = 180; minute >= 0; minute--)
        {
            log.Append(1_000, Micros(Start.AddMinutes(-minute)));
        }

        var view = await StartAsync();
        await UntilAsync(view, status => status.CaughtUp);
        Assert.Equal(61_000, view.Read(new LiveQuery(EventFilter.None, TimeSpan.FromHours(1))).Metrics.Requests);
        Assert.Null(view.Read(new LiveQuery(EventFilter.None, TimeSpan.FromHours(1))).Previous);
        Assert.InRange(view.Totals.Events, 61_000, 61_000 + 6_000);
        Assert.Equal(0, view.Status.Late);
    }

    [Fact]
    public async Task What_is_gone_from_the_log_is_counted_and_a_failing_log_is_read_on_from_where_it_stopped()
    {
        log.Append(10, Micros(Start));
        log.TruncateTo(0, 4);
        var view = await StartAsync();
        await UntilAsync(view, status => status.CaughtUp);
        log.Append(10, Micros(Start));
        await UntilAsync(view, status => status.Retained == 16);
        log.Fail(new IOException("disk on fire"));
        await log.FailedAsync();
        log.Append(10, Micros(Start));
        while (view.Status.Retained < 26)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        var page = view.ReadRecent(new RecentQuery(EventFilter.None, 100));
        Assert.Equal(Enumerable.Range(4, 26).Select(offset => (long)offset), page.Rows.Select(row => row.Position.Offset));
    }

    [Fact]
    public async Task A_gap_is_counted()
    {
        log.Append(10, Micros(Start));
        log.GapBefore = new EventRange(0, 0, 6);
        var view = await StartAsync();
        await UntilAsync(view, status => status.Gaps == 7);
    }

    private static long Micros(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / 10;

    private async Task<ILiveView> StartAsync()
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(clock);
        services.AddSingleton(new StreamRegistry([Batches.Stream]));
        services.AddSingleton<IEventLogs>(log);
        services.AddLive();
        services.Configure<LiveOptions>(options => options.RingCapacity = settings.RingCapacity);
        provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IHostedService>().StartAsync(TestContext.Current.CancellationToken);
        return provider.GetRequiredService<ILiveViews>().Find("WEB-LOGS")!;
    }

    private static async Task UntilAsync(ILiveView view, Func<LiveStatus, bool> reached)
    {
        using var changed = new SemaphoreSlim(0);
        using var subscription = view.Subscribe(() =>
        {
            changed.Release();
            return Task.CompletedTask;
        });
        while (!reached(view.Status))
        {
            // The signal may be held back by the test's clock; the state itself is not.
            await changed.WaitAsync(TimeSpan.FromMilliseconds(20), TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A log that keeps batches in a list.</summary>
    private sealed class MemoryLog : IEventLogs, IEventLog
    {
        private readonly List<(EventRange Range, int Events, long Received)> entries = [];
        private readonly ConcurrentQueue<Exception> failures = [];
        private TaskCompletionSource grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long begin;

        public EventRange? GapBefore { get; set; }

        public IReadOnlyList<IEventLog> All => [this];

        public StreamDefinition Stream => Batches.Stream;

        public string LogId => "memory";

        public IReadOnlyList<PartitionBounds> Bounds
        {
            get
            {
                lock (entries)
                {
                    return [new(0, begin, entries.Count == 0 ? 0 : entries[^1].Range.Last + 1)];
                }
            }
        }

        public EventLogStatus Status => new(true, null, 0, 0, 0);

        public IEventLog? Find(string stream) => stream == Stream.Name ? this : null;

        public void Append(int events, long received, int rejected = 0)
        {
            TaskCompletionSource waiting;
            lock (entries)
            {
                var first = entries.Count == 0 ? 0 : entries[^1].Range.Last + 1;
                entries.Add((new EventRange(0, first, first + events + rejected - 1), events, received));
                (waiting, grown) = (grown, new(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            waiting.SetResult();
        }

        public void TruncateTo(int partition, long first) => begin = partition == 0 ? first : begin;

        public void Fail(Exception error)
        {
            failures.Enqueue(error);
            TaskCompletionSource waiting;
            lock (entries)
            {
                (waiting, grown) = (grown, new(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            waiting.SetResult();
        }

        public Task FailedAsync() => failed.Task;

        public async IAsyncEnumerable<LogRead> ReadAsync(IReadOnlyList<EventPosition> from, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var next = Math.Max(begin, from.FirstOrDefault(position => position.Partition == 0).Offset);
            if (GapBefore is { } gap && follow)
            {
                yield return new LogRead.Gap(gap);
                next = gap.Last + 1;
            }

            while (true)
            {
                if (failures.TryDequeue(out var error))
                {
                    failed.TrySetResult();
                    throw error;
                }

                (EventRange Range, int Events, long Received)? entry;
                Task more;
                lock (entries)
                {
                    entry = entries.Where(candidate => candidate.Range.Last >= next).Select(candidate => ((EventRange, int, long)?)candidate).FirstOrDefault();
                    more = grown.Task;
                }

                if (entry is not var (range, events, received))
                {
                    if (!follow)
                    {
                        yield break;
                    }

                    await more.WaitAsync(cancellationToken);
                    continue;
                }

                var skipped = (int)Math.Min(events, Math.Max(0, next - range.First));
                var made = Enumerable.Range(skipped, events - skipped).Select(_ => new Event(received) { Endpoint = "/" }).ToList();
                next = range.Last + 1;
                yield return new LogRead.Batch(Batches.Of(made, range.First + skipped, received, (int)range.Count - events));
            }
        }

        public ValueTask<AppendOutcome> AppendAsync(ParsedBatch batch, CancellationToken cancellationToken) => throw new NotSupportedException();

        public void MarkStored(EventPosition position)
        {
        }

        public FileRangeOrigin? FindFile(string fingerprint) => null;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
