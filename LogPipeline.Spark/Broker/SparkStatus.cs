using LogPipeline.Core.Health;

namespace LogPipeline.Spark.Broker;

/// <summary>What is shown of server and session: one immutable status, replaced as a whole.</summary>
internal sealed class SparkStatus
{
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private EngineStatus now;

    public SparkStatus(string master, TimeProvider time)
    {
        this.time = time;
        now = Off(master);
    }

    /// <summary>Told after each change, on any thread.</summary>
    public event EventHandler? Changed;

    /// <summary>The status.</summary>
    public EngineStatus Now
    {
        get
        {
            lock (gate)
            {
                return now;
            }
        }
    }

    /// <summary>Something changed.</summary>
    public void Change(Func<EngineStatus, EngineStatus> change)
    {
        lock (gate)
        {
            var before = now;
            var after = change(before) with { At = before.At };
            if (after == before)
            {
                return;
            }

            now = after with { At = time.GetUtcNow() };
        }

        Changed?.Invoke(this, EventArgs.Empty);
    }

    /// <summary>The server answered.</summary>
    /// <param name="memoryBytes">Memory that it uses.</param>
    /// <param name="lines">What it wrote last.</param>
    public void Answered(long? memoryBytes, IReadOnlyList<string> lines)
    {
        const int shown = 20;
        lock (gate)
        {
            now = now with { At = time.GetUtcNow(), MemoryBytes = memoryBytes, RecentLines = lines.Count <= shown ? lines : [.. lines.Skip(lines.Count - shown)] };
        }

        Change(one => one with { State = HealthState.Connected, Problem = null, FailedTries = 0, NextTryAt = null });
    }

    /// <summary>Something failed, though it may be overcome.</summary>
    /// <param name="state">What it means.</param>
    /// <param name="problem">What is wrong and what to do about it.</param>
    /// <param name="next">The wait before the next try; null when it is tried now.</param>
    public void Failed(HealthState state, string problem, TimeSpan? next) => Change(one => one with
    {
        State = state,
        Problem = problem,
        LastError = problem,
        LastErrorAt = time.GetUtcNow(),
        NextTryAt = time.GetUtcNow() + next,
        FailedTries = one.FailedTries + 1,
    });

    /// <summary>There is no session any more.</summary>
    public void Ended() => Change(one => Off(one.Master!) with { Restarts = one.Restarts, LastError = one.LastError, LastErrorAt = one.LastErrorAt });

    private EngineStatus Off(string master) => new(time.GetUtcNow(), HealthState.Off, "Spark", null) { Master = master };
}
