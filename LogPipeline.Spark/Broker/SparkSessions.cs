using System.Globalization;
using System.Net.Sockets;
using LogPipeline.Core.Health;
using LogPipeline.Spark.Connect;

namespace LogPipeline.Spark.Broker;

/// <summary>Makes the session on a server that may still be starting.</summary>
internal static class SparkSessions
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // A server that others run is there or is not.
    private static readonly TimeSpan RemotePatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(3);

    // Whoever waits for an answer has a timeout of his own; the server is watched meanwhile.
    private static readonly RetryPolicy Retries = new() { MaxBackoff = TimeSpan.FromSeconds(2) };

    /// <summary>Settings of the session that our statements rely on, whatever the server's are.</summary>
    /// <remarks>Without <c>variable.substitute</c> the text that was checked is the text that is run: <c>${env:TOKEN}</c> stays as it is.</remarks>
    private static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal)
    {
        ["spark.sql.session.timeZone"] = "UTC",
        ["spark.sql.ansi.enabled"] = "true",
        ["spark.sql.ansi.doubleQuotedIdentifiers"] = "false",
        ["spark.sql.variable.substitute"] = "false",
        ["spark.sql.parquet.outputTimestampType"] = "TIMESTAMP_MICROS",
    };

    /// <summary>Waits for the server and makes the session, in the session object before when that has the same address.</summary>
    /// <exception cref="SparkServerException">The server ended, or did not answer in time.</exception>
    public static async Task<SparkSession> OpenAsync(SparkSession? before, SparkServerLink link, SparkOptions options, TimeProvider time, CancellationToken stop)
    {
        var remote = SparkRemote.Parse(link.Remote);
        await ReachAsync(remote, link, link.Owner == EngineOwner.Others ? RemotePatience : options.StartTimeout, time, stop).ConfigureAwait(false);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(options.StartTimeout);
        try
        {
            if (before is { IsStopped: false } && before.Remote.Host == remote.Host && before.Remote.Port == remote.Port && before.Remote.Token == remote.Token)
            {
                await before.RecreateAsync(cancellationToken: patience.Token).ConfigureAwait(false);
                return before;
            }

            if (before is not null)
            {
                await EndAsync(before).ConfigureAwait(false);
            }

            var builder = SparkSession.Builder().Remote(link.Remote).AppName("logpipeline").Retry(Retries).Clock(time);
            foreach (var (name, value) in Settings.Concat(link.Owner == EngineOwner.Others ? options.Conf : []))
            {
                builder.Config(name, value);
            }

            return await builder.CreateAsync(patience.Token).ConfigureAwait(false);
        }
        catch (SparkConnectionException failure) when (failure.IsUnauthenticated)
        {
            throw new SparkServerException($"Spark at {remote.Host}:{remote.Port} refuses the token: set LogPipeline:Spark:Token (SPARK_CONNECT_AUTHENTICATE_TOKEN) to its own.", failure);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new SparkServerException(string.Create(CultureInfo.InvariantCulture, $"Spark at {remote.Host}:{remote.Port} did not answer within {options.StartTimeout.TotalSeconds:0} s."));
        }
    }

    /// <summary>Ends a session as far as its server answers.</summary>
    public static async Task EndAsync(SparkSession session)
    {
        using var patience = new CancellationTokenSource(StopPatience);
        try
        {
            await session.StopAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // A server that does not answer is ended by its owner, or forgets the session.
        }
    }

    /// <summary>Connects once, without asking anything.</summary>
    /// <returns>Why nobody listens; null when somebody does.</returns>
    public static async Task<string?> RefusalAsync(SparkRemote remote, CancellationToken stop)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(ConnectPatience);
        try
        {
            await socket.ConnectAsync(remote.Host, remote.Port, patience.Token).ConfigureAwait(false);
            return null;
        }
        catch (SocketException failure)
        {
            return failure.Message;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return "no answer";
        }
    }

    /// <summary>Connects until somebody listens: a server that starts binds its port last.</summary>
    private static async Task ReachAsync(SparkRemote remote, SparkServerLink link, TimeSpan patience, TimeProvider time, CancellationToken stop)
    {
        var began = time.GetTimestamp();
        while (await RefusalAsync(remote, stop).ConfigureAwait(false) is { } reason)
        {
            link.Look();
            if (link.Gone.IsCompleted)
            {
                throw new SparkServerException(await link.Gone.ConfigureAwait(false));
            }

            if (time.GetElapsedTime(began) > patience)
            {
                throw new SparkServerException(string.Create(
                    CultureInfo.InvariantCulture, $"Spark at {remote.Host}:{remote.Port} cannot be reached within {patience.TotalSeconds:0} s ({reason}); is its Connect server running?"));
            }

            await Task.Delay(Pause, time, stop).ConfigureAwait(false);
        }
    }
}
