using LogPipeline.Core.Health;
using LogPipeline.Spark.Connect;

namespace LogPipeline.Spark.Broker;

/// <summary>One loop that gets a server, makes a session on it, and watches both until one is lost; then again, after a wait that doubles.</summary>
internal sealed class SparkSupervisor(SparkOptions options, SparkServerSource source, SparkLake? lake, SparkStatus status, SparkEvents events, TimeProvider time)
{
    private readonly RestartBudget budget = new(options, time);
    private TaskCompletionSource tryNow = new();

    /// <summary>Told of each session, once its tables are registered.</summary>
    public required Action<SparkConnection> Connected { get; init; }

    /// <summary>Told when a session is lost.</summary>
    public required Action<SparkConnection> Lost { get; init; }

    /// <summary>Told when there is no server and none is tried for a while.</summary>
    public required Action<SparkServerException> Failed { get; init; }

    /// <summary>Ends a pause.</summary>
    public void TryNow() => Volatile.Read(ref tryNow).TrySetResult();

    /// <summary>Supervises until it is stopped; then the session ends, and a server of ours.</summary>
    public async Task RunAsync(string appName, CancellationToken stop)
    {
        SparkSession? session = null;
        while (!stop.IsCancellationRequested)
        {
            session = await ServeAsync(appName, session, stop).ConfigureAwait(false);
        }

        if (session is not null)
        {
            await SparkSessions.EndAsync(session).ConfigureAwait(false);
        }
    }

    /// <summary>From one server to its end.</summary>
    /// <returns>The session object, for the next server when that has the same address.</returns>
    private async Task<SparkSession?> ServeAsync(string appName, SparkSession? session, CancellationToken stop)
    {
        SparkServerLink? link = null;
        var served = false;
        budget.Begin();
        try
        {
            var began = time.GetTimestamp();
            status.Change(one => one with { State = HealthState.Connecting, NextTryAt = null });
            link = await source.AcquireAsync(appName, stop).ConfigureAwait(false);
            if (link.Owner == EngineOwner.ThisHost)
            {
                budget.Start();
            }

            status.Change(one => Describe(one, link));
            session = await SparkSessions.OpenAsync(session, link, options, time, stop).ConfigureAwait(false);
            link.Publish();
            budget.Serve();
            served = true;
            while (true)
            {
                await UseAsync(session, link, began, stop).ConfigureAwait(false);
                if (link.Gone.IsCompleted)
                {
                    break;
                }

                began = time.GetTimestamp();
                await session.RecreateAsync(cancellationToken: stop).ConfigureAwait(false);
            }

            await EndAsync(link, null).ConfigureAwait(false);
            await PauseAsync(new SparkServerException(await link.Gone.ConfigureAwait(false)), stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await EndAsync(link, session).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            if (!served)
            {
                source.Forget();
            }

            var reason = link is { Gone.IsCompleted: true } ? new SparkServerException(await link.Gone.ConfigureAwait(false), failure) : failure;
            await EndAsync(link, null).ConfigureAwait(false);
            await PauseAsync(reason, stop).ConfigureAwait(false);
        }

        return session;
    }

    /// <summary>From a session to its loss.</summary>
    private async Task UseAsync(SparkSession session, SparkServerLink link, long began, CancellationToken stop)
    {
        await (lake?.RegisterAsync(session, stop) ?? Task.CompletedTask).ConfigureAwait(false);
        using var connection = new SparkConnection(session);
        try
        {
            status.Change(one => one with { Version = session.Version, SessionId = session.SessionId, SessionSince = time.GetUtcNow() });
            status.Answered(null, link.RecentLines);
            events.Connected(status.Now, time.GetElapsedTime(began));
            Connected(connection);
            var reason = await new SparkWatch(options, lake, status, events, time).UntilLostAsync(connection, link, stop).ConfigureAwait(false);
            events.Lost(reason);
            status.Failed(HealthState.Connecting, reason, next: null);
        }
        finally
        {
            var restarts = stop.IsCancellationRequested ? 0 : 1;
            status.Change(one => one with { State = HealthState.Connecting, SessionId = null, SessionSince = null, Restarts = one.Restarts + restarts });
            Lost(connection);
        }
    }

    /// <summary>Tells whoever waits that there is no server, and pauses; not after a server that did well.</summary>
    private async Task PauseAsync(Exception failure, CancellationToken stop)
    {
        var wait = budget.NextWait();
        if (wait == TimeSpan.Zero)
        {
            status.Failed(HealthState.Connecting, failure.Message, next: null);
            return;
        }

        events.Failed(failure, wait);
        Volatile.Write(ref tryNow, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        status.Failed(HealthState.Disconnected, failure.Message, wait);
        status.Change(one => Describe(one, null));
        Failed(failure as SparkServerException ?? new SparkServerException(failure.Message, failure));
        using var paused = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(Task.Delay(wait, time, paused.Token), tryNow.Task).ConfigureAwait(false);
        await paused.CancelAsync().ConfigureAwait(false);
    }

    private EngineStatus Describe(EngineStatus one, SparkServerLink? link) => one with
    {
        Owner = link?.Owner ?? EngineOwner.Others,
        Address = link?.Address,
        ProcessId = link?.Record?.ProcessId,
        DeltaVersion = link?.Record?.DeltaVersion ?? one.DeltaVersion,
        MaxHeapBytes = link?.Owner == EngineOwner.ThisHost ? options.MemoryBytes : null,
        MemoryBytes = null,
        Links = link?.Record?.UiUrl is { } url ? [new EngineLink("Spark UI", url)] : [],
    };

    /// <summary>A session ends before its server, with what runs in it.</summary>
    private static async Task EndAsync(SparkServerLink? link, SparkSession? session)
    {
        if (session is not null)
        {
            await SparkSessions.EndAsync(session).ConfigureAwait(false);
        }

        if (link is not null)
        {
            await link.DisposeAsync().ConfigureAwait(false);
        }
    }
}
