using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.Writing;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Lake.ByMinute;

/// <summary>Keeps the tables by minute up with the tables that they are derived from, behind the writers' back.</summary>
/// <remarks>
/// A table is derived once a minute, or earlier when a whole range waits: a row then stands for a minute of its kind and not for a second. What
/// fails is tried again with the next turn; nothing is lost, because everything is read from tables.
/// </remarks>
internal sealed class ByMinuteWriters : IDisposable
{
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(1);
    private readonly LakeEvents events;
    private readonly TimeProvider time;
    private readonly LakeOptions options;
    private readonly Lazy<IReadOnlyList<ByMinuteWriter>> writers;
    private readonly CancellationTokenSource stop = new();
    private readonly SemaphoreSlim turn = new(1, 1);
    private Task running = Task.CompletedTask;

    public ByMinuteWriters(
        IEventLogs logs, LakeTables tables, ITablePositions positions, IOptions<LakeOptions> options, LakeEvents events, LakeUpkeep upkeep, TimeProvider time)
    {
        this.events = events;
        this.time = time;
        this.options = options.Value;
        writers = new Lazy<IReadOnlyList<ByMinuteWriter>>(() =>
            [.. from log in logs.All
                let definition = ByMinuteTable.Of(log.Stream)
                where definition is not null
                select new ByMinuteWriter(log, definition, tables, positions, events, time, upkeep.Notify)]);
    }

    /// <summary>Starts deriving in the background.</summary>
    public void Start() => running = Task.Run(FollowAsync);

    /// <summary>Derives everything that is stored now.</summary>
    /// <returns>Whether it was done in time.</returns>
    public async Task<bool> RunToEndAsync(TimeSpan deadline)
    {
        using var late = new CancellationTokenSource(deadline, time);
        try
        {
            await turn.WaitAsync(late.Token);
            try
            {
                return await Task.Run(() => writers.Value.All(writer => !writer.IsOurs || Run(writer, late.Token)), late.Token);
            }
            finally
            {
                turn.Release();
            }
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Stops deriving; what waits is derived after the next start.</summary>
    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await running;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stop.Dispose();
        turn.Dispose();
    }

    private async Task FollowAsync()
    {
        var derivedAt = writers.Value.ToDictionary(writer => writer, _ => (long?)null);
        using var timer = new PeriodicTimer(Turn, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop.Token))
            {
                await turn.WaitAsync(stop.Token);
                try
                {
                    foreach (var writer in writers.Value)
                    {
                        if (writer.IsOurs && IsDue(writer, derivedAt[writer]) && Run(writer, stop.Token))
                        {
                            derivedAt[writer] = time.GetTimestamp();
                        }
                    }
                }
                finally
                {
                    turn.Release();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private bool IsDue(ByMinuteWriter writer, long? derivedAt)
    {
        try
        {
            return derivedAt is not { } at || time.GetElapsedTime(at) >= options.ByMinuteInterval || writer.Waiting() >= ByMinuteWriter.MostEvents;
        }
        catch (Exception error) when (error is LakeException or IOException or UnauthorizedAccessException)
        {
            events.DeriveFailed(writer.Table, error);
            return false;
        }
    }

    private bool Run(ByMinuteWriter writer, CancellationToken cancellationToken)
    {
        try
        {
            if (writer.RunToEnd(cancellationToken) is SessionEnd.Unavailable(var reason))
            {
                events.Unavailable(writer.Table, reason, options.ByMinuteInterval);
                return false;
            }

            return true;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            events.DeriveFailed(writer.Table, error);
            return false;
        }
    }
}
