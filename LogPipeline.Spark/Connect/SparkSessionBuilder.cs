namespace LogPipeline.Spark.Connect;

/// <summary>Says which server a session is on and how it is set up. Made by <see cref="SparkSession.Builder"/>.</summary>
public sealed class SparkSessionBuilder
{
    private static readonly SemaphoreSlim Gate = new(1);
    private static readonly Dictionary<string, SparkSession> Active = new(StringComparer.Ordinal);

    private readonly Dictionary<string, string> _configuration = new(StringComparer.Ordinal);
    private string _remote = Environment.GetEnvironmentVariable("SPARK_REMOTE") ?? "sc://localhost:15002";
    private string? _appName;
    private RetryPolicy _retry = RetryPolicy.Default;
    private TimeProvider _time = TimeProvider.System;
    private Func<SparkSession, CancellationToken, Task>? _onCreated;

    internal SparkSessionBuilder()
    {
    }

    /// <summary>
    /// The server: <c>sc://host:port/;token=…;user_id=…</c> (see <see cref="SparkRemote"/>). Without it the environment variable
    /// SPARK_REMOTE counts, else this machine.
    /// </summary>
    public SparkSessionBuilder Remote(string remote)
    {
        _remote = remote;
        return this;
    }

    /// <summary>Name of the program, for the server's log.</summary>
    public SparkSessionBuilder AppName(string name)
    {
        _appName = name;
        return this;
    }

    /// <summary>Configuration of the session; set again when the session is re-created.</summary>
    public SparkSessionBuilder Config(string key, string value)
    {
        _configuration[key] = value;
        return this;
    }

    /// <summary>How patiently calls are tried again; see <see cref="RetryPolicy.Default"/>.</summary>
    public SparkSessionBuilder Retry(RetryPolicy policy)
    {
        _retry = policy;
        return this;
    }

    /// <summary>The clock of waits.</summary>
    public SparkSessionBuilder Clock(TimeProvider time)
    {
        _time = time;
        return this;
    }

    /// <summary>
    /// Called with each new session, the first one and every one that <see cref="SparkSession.RecreateAsync"/> makes: the place to register
    /// views and tables.
    /// </summary>
    public SparkSessionBuilder OnCreated(Func<SparkSession, CancellationToken, Task> action)
    {
        _onCreated = action;
        return this;
    }

    /// <summary>The process's session at this address, made now if there is none; one that there is gets the configuration.</summary>
    /// <exception cref="FormatException">The address is not one.</exception>
    /// <exception cref="SparkConnectionException">The server cannot be reached, or refuses the token.</exception>
    /// <exception cref="SparkException">The server refuses the configuration.</exception>
    public async Task<SparkSession> GetOrCreateAsync(CancellationToken cancellationToken = default)
    {
        await Gate.WaitAsync(cancellationToken);
        try
        {
            if (Active.TryGetValue(_remote, out var active) && !active.IsStopped)
            {
                await active.ConfigureAsync(_configuration, cancellationToken);
                return active;
            }

            return Active[_remote] = await CreateAsync(cancellationToken);
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>A new session of its own.</summary>
    /// <exception cref="FormatException">The address is not one.</exception>
    /// <exception cref="SparkConnectionException">The server cannot be reached, or refuses the token.</exception>
    /// <exception cref="SparkException">The server refuses the configuration.</exception>
    public async Task<SparkSession> CreateAsync(CancellationToken cancellationToken = default)
    {
        var clientType = $"{(_appName is null ? "" : _appName + " ")}LogPipeline.Spark/{typeof(SparkSession).Assembly.GetName().Version} dotnet/{Environment.Version}";
        var session = new SparkSession(
            new ConnectClient(SparkRemote.Parse(_remote), clientType, _retry, _time),
            new Dictionary<string, string>(_configuration),
            _onCreated);
        try
        {
            await session.RecreateAsync(cancellationToken: cancellationToken);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }
}
