using LogPipeline.Core.Health;
using LogPipeline.Spark.Connect;

namespace LogPipeline.Spark.Broker;

/// <summary>
/// The owner of the one Spark session of a process. It starts and supervises a Connect server, attaches to one that another process of
/// this machine has started, or attaches to a remote one, as <see cref="SparkOptions.Master"/> says, and makes the session anew whenever
/// it is lost, with its configuration and the lake's tables.
/// </summary>
/// <remarks>
/// Safe for concurrent use. A session object stays the same over a restart that keeps port and token, which is the rule; ask for it where
/// it is used rather than keeping it.
/// </remarks>
public sealed partial class SparkBroker : IEngineHealth, IAsyncDisposable
{
    private readonly SparkSupervisor supervisor;
    private readonly SparkStatus status;
    private readonly SparkEvents events;
    private readonly Lock gate = new();
    private readonly List<Func<SparkSession, CancellationToken, Task>> listeners = [];
    private TaskCompletionSource<SparkConnection> connected = NewSource();
    private CancellationTokenSource? stopping;
    private Task running = Task.CompletedTask;
    private Task listening = Task.CompletedTask;
    private SparkConnection? current;
    private bool disposed;

    internal SparkBroker(SparkOptions options, SparkServerFolder folder, SparkLake? lake, SparkEvents events, TimeProvider time)
    {
        this.events = events;
        Lake = lake;
        var source = new SparkServerSource(options, folder, lake?.Root, events, time);
        status = new SparkStatus(source.Master, time);
        status.Changed += (_, arguments) => StatusChanged?.Invoke(this, arguments);
        supervisor = new SparkSupervisor(options, source, lake, status, events, time) { Connected = OnConnected, Lost = OnLost, Failed = OnFailed };
    }

    /// <summary>Told after each change of <see cref="Status"/>, on any thread.</summary>
    public event EventHandler? StatusChanged;

    /// <inheritdoc/>
    public EngineStatus Status => status.Now;

    /// <summary>Why tables of the lake cannot be read through Spark, by name; empty when all can.</summary>
    public IReadOnlyDictionary<string, string> RefusedTables => Lake?.Refused ?? new Dictionary<string, string>();

    /// <summary>The tables that are registered with each session.</summary>
    internal SparkLake? Lake { get; }

    /// <summary>The session; the first call starts what it needs. While a lost session is made anew, the call waits.</summary>
    /// <param name="appName">Name of the application on Spark's own pages; that of the call which starts Spark counts.</param>
    /// <param name="cancellationToken">Ends the wait, and not what was started.</param>
    /// <exception cref="SparkServerException">There is no server, and the next try is yet to come.</exception>
    public async Task<SparkSession> GetSessionAsync(string? appName = null, CancellationToken cancellationToken = default) =>
        (await ConnectAsync(appName, cancellationToken).ConfigureAwait(false)).Session;

    /// <summary>
    /// Has something done with each session: with the present one now, and with every later one once its tables are registered. A streaming
    /// job starts its queries there. The token ends when that session is lost.
    /// </summary>
    /// <returns>Ends it.</returns>
    public IDisposable OnSession(Func<SparkSession, CancellationToken, Task> listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        lock (gate)
        {
            listeners.Add(listener);
            if (current is { } connection)
            {
                listening = TellAsync(listening, [listener], connection);
            }
        }

        return new Registration(this, listener);
    }

    /// <inheritdoc/>
    public void TryNow() => supervisor.TryNow();

    /// <summary>Ends the session, and the server when this process started it. A later call of <see cref="GetSessionAsync"/> starts again.</summary>
    public async Task StopAsync()
    {
        CancellationTokenSource? stop;
        Task ended;
        lock (gate)
        {
            stop = stopping;
            ended = running;
        }

        await (stop?.CancelAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        await ended.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            disposed = true;
        }

        Withdraw(this);
        await StopAsync().ConfigureAwait(false);
        stopping?.Dispose();
        Lake?.Dispose();
    }

    /// <summary>The session with the sign of its end.</summary>
    internal async Task<SparkConnection> ConnectAsync(string? appName, CancellationToken cancellationToken)
    {
        Task<SparkConnection> wait;
        lock (gate)
        {
            if (!Start(appName ?? "logpipeline") && Status is { State: HealthState.Disconnected, Problem: { } problem })
            {
                // It is tried again in the background; whoever asks learns now why there is none.
                throw new SparkServerException(problem);
            }

            wait = connected.Task;
        }

        return await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts what a session needs, in the background, unless it runs.</summary>
    internal bool Start(string appName = "logpipeline")
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (stopping is not null)
            {
                return false;
            }

            stopping = new CancellationTokenSource();
            running = RunAsync(appName, stopping.Token);
            return true;
        }
    }

    private static TaskCompletionSource<SparkConnection> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync(string appName, CancellationToken stop)
    {
        await Task.Yield();
        await supervisor.RunAsync(appName, stop).ConfigureAwait(false);
        await listening.ConfigureAwait(false);
        OnFailed(new SparkServerException("Spark was stopped."));
        lock (gate)
        {
            stopping = null;
        }

        status.Ended();
        events.Stopped();
    }

    private void OnConnected(SparkConnection connection)
    {
        lock (gate)
        {
            current = connection;
            listening = TellAsync(listening, [.. listeners], connection);
            connected.TrySetResult(connection);
        }
    }

    private void OnLost(SparkConnection connection)
    {
        lock (gate)
        {
            current = null;
            connected = connected.Task.IsCompleted ? NewSource() : connected;
        }

        connection.End();
    }

    private void OnFailed(SparkServerException failure)
    {
        lock (gate)
        {
            if (connected.TrySetException(failure))
            {
                // Nobody may be waiting.
                _ = connected.Task.Exception;
            }

            connected = NewSource();
        }
    }

    /// <summary>Listeners hear of sessions one after the other: of a session only when they are done with the one before.</summary>
    private async Task TellAsync(Task before, IReadOnlyList<Func<SparkSession, CancellationToken, Task>> told, SparkConnection connection)
    {
        await before.ConfigureAwait(false);
        await Task.Yield();
        foreach (var listener in told)
        {
            try
            {
                connection.Lost.ThrowIfCancellationRequested();
                await listener(connection.Session, connection.Lost).ConfigureAwait(false);
            }
            catch (Exception) when (connection.Lost.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                events.ListenerFailed(failure);
            }
        }
    }

    private sealed class Registration(SparkBroker broker, Func<SparkSession, CancellationToken, Task> listener) : IDisposable
    {
        public void Dispose()
        {
            lock (broker.gate)
            {
                broker.listeners.Remove(listener);
            }
        }
    }
}
