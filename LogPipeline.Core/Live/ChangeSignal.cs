namespace LogPipeline.Core.Live;

/// <summary>Tells subscribers that something changed: at once after a pause, then at most every 16 ms, less often for slow subscribers.</summary>
/// <remarks>
/// Each subscription is idle, armed (a timer runs) or calling; its lock guards the state and is never held during a call.
/// A change while it calls is remembered and announced afterwards, so the last change is always announced.
/// Calls begin at least max(16 ms, min(100 ms, five times what the last one took)) apart. <see cref="Publish"/> never waits.
/// </remarks>
internal sealed class ChangeSignal(TimeProvider clock, Action<Exception> failed)
{
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(16);
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(100);
    private const int CostFactor = 5;
    private readonly TimeProvider clock = clock;
    private readonly Action<Exception> failed = failed;
    private readonly Lock gate = new();
    private Subscription[] subscriptions = [];

    public bool HasSubscribers => Volatile.Read(ref subscriptions).Length > 0;

    public IDisposable Subscribe(Func<Task> changed)
    {
        var subscription = new Subscription(this, changed);
        lock (gate)
        {
            subscriptions = [.. subscriptions, subscription];
        }

        return subscription;
    }

    public void Publish()
    {
        foreach (var subscription in Volatile.Read(ref subscriptions))
        {
            subscription.Notify();
        }
    }

    private void Remove(Subscription subscription)
    {
        lock (gate)
        {
            subscriptions = [.. subscriptions.Where(other => other != subscription)];
        }
    }

    private sealed class Subscription(ChangeSignal owner, Func<Task> changed) : IDisposable
    {
        private readonly Lock state = new();
        private ITimer? timer;
        private bool armed;
        private bool calling;
        private bool pending;
        private bool ended;
        private bool called;
        private long lastStart;
        private TimeSpan gap = Shortest;

        public void Notify()
        {
            lock (state)
            {
                if (ended)
                {
                    return;
                }

                pending = true;
                Arm();
            }
        }

        public void Dispose()
        {
            lock (state)
            {
                if (ended)
                {
                    return;
                }

                ended = true;
                timer?.Dispose();
            }

            owner.Remove(this);
        }

        /// <summary>Starts the call, or the timer for it. Under the lock.</summary>
        private void Arm()
        {
            if (armed || calling || !pending || ended)
            {
                return;
            }

            var wait = called ? gap - owner.clock.GetElapsedTime(lastStart) : TimeSpan.Zero;
            if (wait <= TimeSpan.Zero)
            {
                Begin();
                return;
            }

            armed = true;
            timer ??= owner.clock.CreateTimer(static self => ((Subscription)self!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            // Timers tick in whole milliseconds; rounding up keeps the calls apart.
            timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
        }

        private void OnTimer()
        {
            lock (state)
            {
                armed = false;
                Arm();
            }
        }

        private void Begin()
        {
            calling = true;
            pending = false;
            called = true;
            lastStart = owner.clock.GetTimestamp();
            _ = Task.Run(CallAsync);
        }

        private async Task CallAsync()
        {
            try
            {
                await changed();
            }
            catch (Exception error)
            {
                Dispose();
                owner.failed(error);
                return;
            }

            lock (state)
            {
                var stretched = owner.clock.GetElapsedTime(lastStart) * CostFactor;
                gap = stretched < Shortest ? Shortest : stretched > Longest ? Longest : stretched;
                calling = false;
                Arm();
            }
        }
    }
}
