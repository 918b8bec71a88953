using System.Diagnostics;
using System.Globalization;
using LogPipeline.Core.Health;
using LogPipeline.Spark.Connect;

namespace LogPipeline.Spark.Broker;

/// <summary>Looks at server and session once a heartbeat, which also keeps the session from expiring, and registers new tables.</summary>
/// <remarks>
/// A server that does not answer may be collecting garbage, paused, or behind a broken network: its session, with the streaming queries
/// in it, is still there. Only a server that is gone, or one that says so, ends a session. A server of our own that stays silent for
/// <see cref="SparkOptions.HangTimeout"/> is replaced.
/// </remarks>
internal sealed class SparkWatch(SparkOptions options, SparkLake? lake, SparkStatus status, SparkEvents events, TimeProvider time)
{
    /// <summary>A healthy server answers in milliseconds; with the heartbeat's second, a change is known within 3 s.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.8);

    private long lastAnswer;
    private bool isSilent;

    /// <summary>Watches until the session is lost.</summary>
    /// <param name="connection">The session.</param>
    /// <param name="link">Its server.</param>
    /// <param name="stop">Ends the watch.</param>
    /// <returns>Why it is lost.</returns>
    /// <exception cref="SparkServerException">The server has to be replaced.</exception>
    public async Task<string> UntilLostAsync(SparkConnection connection, SparkServerLink link, CancellationToken stop)
    {
        lastAnswer = time.GetTimestamp();
        while (true)
        {
            await PauseAsync(connection, link, stop).ConfigureAwait(false);
            link.Look();
            if (link.Gone.IsCompleted)
            {
                return await link.Gone.ConfigureAwait(false);
            }

            try
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
                patience.CancelAfter(Patience);
                await connection.Session.PingAsync(patience.Token).ConfigureAwait(false);
                Answered(link);
            }
            catch (SparkSessionLostException failure)
            {
                return failure.Message;
            }
            catch (Exception failure) when (failure is SparkException || (failure is OperationCanceledException && !stop.IsCancellationRequested))
            {
                await SilentAsync(link, stop).ConfigureAwait(false);
                continue;
            }

            await RegisterAsync(connection.Session, stop).ConfigureAwait(false);
        }
    }

    private async Task PauseAsync(SparkConnection connection, SparkServerLink link, CancellationToken stop)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(Task.Delay(options.Heartbeat, time, done.Token), link.Gone, connection.Suspected.IsCompleted ? Task.Delay(Timeout.Infinite, done.Token) : connection.Suspected).ConfigureAwait(false);
        await done.CancelAsync().ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
    }

    private void Answered(SparkServerLink link)
    {
        lastAnswer = time.GetTimestamp();
        if (isSilent)
        {
            isSilent = false;
            events.Answering();
        }

        status.Answered(MemoryOf(link.Record?.ProcessId), link.RecentLines);
    }

    private async Task SilentAsync(SparkServerLink link, CancellationToken stop)
    {
        var silence = time.GetElapsedTime(lastAnswer);
        if (!isSilent)
        {
            isSilent = true;
            events.Unresponsive(silence);
        }

        if (await SparkSessions.RefusalAsync(SparkRemote.Parse(link.Remote), stop).ConfigureAwait(false) is { } refusal)
        {
            status.Failed(HealthState.Disconnected, $"Spark at {link.Address} cannot be reached ({refusal}); is its Connect server running?", options.Heartbeat);
        }
        else
        {
            status.Failed(HealthState.Connecting, string.Create(CultureInfo.InvariantCulture, $"Spark did not answer within {Patience.TotalSeconds:0.#} s."), next: null);
        }

        if (link.Owner == EngineOwner.ThisHost && silence > options.HangTimeout)
        {
            throw new SparkServerException(string.Create(CultureInfo.InvariantCulture, $"The Spark server has not answered for {silence.TotalSeconds:0} s and is replaced."));
        }
    }

    /// <summary>A table that cannot be registered is no reason to lose a session.</summary>
    private async Task RegisterAsync(SparkSession session, CancellationToken stop)
    {
        try
        {
            await (lake?.RegisterAsync(session, stop) ?? Task.CompletedTask).ConfigureAwait(false);
        }
        catch (SparkException)
        {
            // The next heartbeat finds out what is wrong with the session.
        }
    }

    private static long? MemoryOf(int? processId)
    {
        try
        {
            using var process = processId is { } id ? Process.GetProcessById(id) : null;
            return process?.WorkingSet64;
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
