using System.Collections.Concurrent;
using LogPipeline.Core.EventLog;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Live;

/// <summary>Feeds every live view from its event log: first what lies back, then what arrives. A failing log is read again from where it stopped.</summary>
/// <remarks>What the log lacks of the hour before the start, also because another log had its turn then, comes from the table, at most as many events as are read back from the log.</remarks>
internal sealed class LiveReader(IEventLogs logs, LiveViews views, IOptions<LiveOptions> options, LiveEvents events, TimeProvider clock, IStoredEvents? stored = null) : BackgroundService
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ReadBack = TimeSpan.FromHours(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(views.Views.Select(view => Task.Run(() => FollowAsync(view, stoppingToken), CancellationToken.None)));

    private async Task FollowAsync(LiveView view, CancellationToken cancellationToken)
    {
        var feed = new Feed(view, events, clock, stored);
        var pause = ShortestPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            var before = feed.Taken;
            try
            {
                if (logs.Find(view.Stream.Name) is not { } log)
                {
                    throw new InvalidOperationException($"Stream {view.Stream.Name} has no event log");
                }

                var since = clock.GetUtcNow() - ReadBack;
                await feed.StartAsync(log, options.Value, (since - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond, cancellationToken);
                await feed.ReadAsync(log, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                pause = feed.Taken > before ? ShortestPause : pause;
                events.ReaderFailed(view.Stream.Name, pause.TotalSeconds, error);
            }

            await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
        }
    }

    /// <summary>How far one view has read.</summary>
    private sealed class Feed(LiveView view, LiveEvents events, TimeProvider clock, IStoredEvents? stored)
    {
        private readonly ConcurrentDictionary<int, long> next = [];
        private readonly long began = clock.GetTimestamp();
        private bool started;
        private bool caughtUp;
        private bool isKnown;

        public long Taken { get; private set; }

        public async Task StartAsync(IEventLog log, LiveOptions options, long sinceMicros, CancellationToken cancellationToken)
        {
            if (started)
            {
                return;
            }

            var bounds = log.Bounds;
            var starts = await LiveStart.FindAsync(log, options, sinceMicros, cancellationToken);
            foreach (var start in starts)
            {
                next[start.Partition] = start.Offset;
            }

            started = true;
            // A log that is read from its very first event leaves nothing unknown.
            isKnown = next.Values.All(offset => offset == 0);
            view.FollowLag(() => log.Bounds.Sum(partition => Math.Max(0, partition.End - next.GetValueOrDefault(partition.Partition, partition.Begin))));
            TakeStored(log, LiveStart.CutShort(bounds, starts, options), options, sinceMicros, cancellationToken);
            events.ReadingBack(view.Stream.Name, bounds.Sum(partition => partition.End - next.GetValueOrDefault(partition.Partition, partition.Begin)));
            CheckCaughtUp(log);
        }

        public async Task ReadAsync(IEventLog log, CancellationToken cancellationToken)
        {
            EventPosition[] from = [.. next.Select(pair => new EventPosition(pair.Key, pair.Value))];
            await foreach (var read in log.ReadAsync(from, follow: true, cancellationToken))
            {
                switch (read)
                {
                    case LogRead.Batch(var batch):
                        using (batch)
                        {
                            Take(batch);
                        }

                        break;
                    case LogRead.Gap(var range):
                        next[range.Partition] = range.Last + 1;
                        view.AddGap(range);
                        events.Gap(view.Stream.Name, range.First, range.Last);
                        break;
                    default:
                        break;
                }

                CheckCaughtUp(log);
            }
        }

        private void TakeStored(IEventLog log, IReadOnlyList<EventPosition> before, LiveOptions options, long sinceMicros, CancellationToken cancellationToken)
        {
            var at = clock.GetTimestamp();
            try
            {
                if (stored?.Read(log, before, sinceMicros, cancellationToken) is not { } batches)
                {
                    return;
                }

                var (count, all) = (0L, true);
                foreach (var batch in batches)
                {
                    if (count >= Math.Max(options.ReadBack, options.RingCapacity))
                    {
                        all = false;
                        break;
                    }

                    view.AddStored(batch);
                    count += batch.Events.Length;
                }

                isKnown = all;
                if (all)
                {
                    view.SetKnownFrom((sinceMicros / 1_000_000) + 1);
                }

                events.TookStored(view.Stream.Name, count, all, clock.GetElapsedTime(at).TotalMilliseconds);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                events.StoredFailed(view.Stream.Name, error);
            }
        }

        private void Take(EventBatch batch)
        {
            if (!isKnown && batch.Events.Length + batch.Rejected.Count > 0)
            {
                isKnown = true;
                view.SetKnownFrom((batch.ReceivedAtMicros / 1_000_000) + 1);
            }

            try
            {
                view.Add(batch);
                Taken += batch.Events.Length;
                events.Taken(view.Stream.Name, batch.Events.Length);
            }
            catch (Exception error)
            {
                // One batch that cannot be shown must not blind the view for all that follow.
                events.BatchFailed(view.Stream.Name, batch.Range.First, batch.Range.Last, error);
            }

            next[batch.Range.Partition] = batch.Range.Last + 1;
        }

        private void CheckCaughtUp(IEventLog log)
        {
            if (!caughtUp && log.Bounds.All(partition => next.GetValueOrDefault(partition.Partition, partition.Begin) >= partition.End))
            {
                caughtUp = true;
                view.SetCaughtUp();
                events.CaughtUp(view.Stream.Name, Taken, clock.GetElapsedTime(began).TotalMilliseconds);
            }
        }
    }
}
