using LogPipeline.Core.Live;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace LogPipeline.Tests.Live;

[Collection(Alone.Name)]
public sealed class ChangeSignalTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ReadClock clock = new();
    private readonly TaskCompletionSource<Exception> failure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ChangeSignal signal;

    public ChangeSignalTests() => signal = new ChangeSignal(clock, failure.SetResult);

    [Fact]
    public async Task The_first_change_is_told_at_once_and_the_next_ones_together_after_16_ms()
    {
        var subscriber = new Subscriber(clock);
        using var subscription = signal.Subscribe(subscriber.OnChanged);
        signal.Publish();
        await subscriber.CalledAsync();
        await subscriber.FinishAsync();

        for (var i = 0; i < 100; i++)
        {
            signal.Publish();
        }

        clock.Advance(TimeSpan.FromMilliseconds(15));
        Assert.Equal(1, subscriber.Calls);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        await subscriber.CalledAsync();
        await subscriber.FinishAsync();
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, subscriber.Calls);
    }

    [Theory]
    [InlineData(2, 16)]
    [InlineData(8, 40)]
    [InlineData(30, 100)]
    public async Task A_costly_subscriber_is_called_less_often(int cost, int gap)
    {
        var subscriber = new Subscriber(clock);
        using var subscription = signal.Subscribe(subscriber.OnChanged);
        signal.Publish();
        await subscriber.CalledAsync();
        clock.Advance(TimeSpan.FromMilliseconds(cost));
        await subscriber.FinishAsync();

        signal.Publish();
        clock.Advance(TimeSpan.FromMilliseconds(gap - cost - 1));
        Assert.Equal(1, subscriber.Calls);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        await subscriber.CalledAsync();
        await subscriber.FinishAsync();
    }

    [Fact]
    public async Task Calls_never_overlap_and_a_change_during_a_call_is_told_afterwards()
    {
        var subscriber = new Subscriber(clock);
        using var subscription = signal.Subscribe(subscriber.OnChanged);
        signal.Publish();
        await subscriber.CalledAsync();
        signal.Publish();
        clock.Advance(TimeSpan.FromSeconds(1));
        signal.Publish();
        Assert.Equal(1, subscriber.Calls);
        await subscriber.FinishAsync();
        await subscriber.CalledAsync();
        Assert.Equal(2, subscriber.Calls);
        await subscriber.FinishAsync();
    }

    [Fact]
    public async Task A_failing_or_stuck_subscriber_holds_up_nobody_else()
    {
        var stuck = new Subscriber(clock);
        var good = new Subscriber(clock);
        using var first = signal.Subscribe(stuck.OnChanged);
        using var second = signal.Subscribe(() => throw new InvalidOperationException("broken"));
        using var third = signal.Subscribe(good.OnChanged);
        for (var i = 0; i < 3; i++)
        {
            signal.Publish();
            await good.CalledAsync();
            await good.FinishAsync();
            clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        await stuck.CalledAsync();
        Assert.Equal(1, stuck.Calls);
        Assert.Equal("broken", (await failure.Task.WaitAsync(Patience, TestContext.Current.CancellationToken)).Message);
        await stuck.FinishAsync();
    }

    [Fact]
    public async Task After_its_end_a_subscription_is_silent()
    {
        var subscriber = new Subscriber(clock);
        var subscription = signal.Subscribe(subscriber.OnChanged);
        signal.Publish();
        await subscriber.CalledAsync();
        await subscriber.FinishAsync();
        signal.Publish();
        subscription.Dispose();
        clock.Advance(TimeSpan.FromSeconds(1));
        signal.Publish();
        Assert.Equal(1, subscriber.Calls);
        Assert.False(signal.HasSubscribers);
    }

    /// <summary>Is called, and returns when the test says so.</summary>
    private sealed class Subscriber(ReadClock clock)
    {
        private readonly SemaphoreSlim called = new(0);
        private TaskCompletionSource finish = new();

        public int Calls { get; private set; }

        public async Task OnChanged()
        {
            Calls++;
            finish = new TaskCompletionSource();
            called.Release();
            await finish.Task;
        }

        public async Task CalledAsync() => Assert.True(await called.WaitAsync(Patience, TestContext.Current.CancellationToken));

        /// <summary>Returns from the call, and waits until the signal has taken the time of it: what it is told afterwards comes after the call.</summary>
        public async Task FinishAsync()
        {
            var reads = clock.Reads;
            finish.SetResult();
            Assert.True(await Task.Run(() => SpinWait.SpinUntil(() => clock.Reads > reads, Patience), TestContext.Current.CancellationToken));
        }
    }

    /// <summary>Tells how often it was read.</summary>
    private sealed class ReadClock : FakeTimeProvider
    {
        private int reads;

        public int Reads => Volatile.Read(ref reads);

        public override long GetTimestamp()
        {
            var now = base.GetTimestamp();
            _ = Interlocked.Increment(ref reads);
            return now;
        }
    }
}
