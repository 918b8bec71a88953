namespace LogPipeline.Tests.Lake.Leases;

/// <summary>The clock of a process that is stopped: it goes on, and no timer of the process fires.</summary>
internal sealed class SleepingTime(DateTimeOffset start) : TimeProvider
{
    private TimeSpan slept;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => start + slept;

    public override long GetTimestamp() => slept.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new NoTimer();

    public void Advance(TimeSpan by) => slept += by;

    private sealed class NoTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
