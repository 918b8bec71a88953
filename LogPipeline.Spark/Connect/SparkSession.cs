using LogPipeline.Spark.Connect.Protocol;

namespace LogPipeline.Spark.Connect;

/// <summary>
/// A session on a Spark Connect server: its own configuration and temporary views, a shared catalog. Safe for concurrent use.
/// </summary>
public sealed class SparkSession : IAsyncDisposable
{
    private static readonly Dictionary<string, object?> NoNames = [];

    private readonly IReadOnlyDictionary<string, string> _configuration;
    private readonly Func<SparkSession, CancellationToken, Task>? _onCreated;
    private readonly SemaphoreSlim _recreating = new(1);
    private SessionHandle _handle = new();
    private int _stopped;
    private bool? _takesArguments;

    internal SparkSession(ConnectClient client, IReadOnlyDictionary<string, string> configuration, Func<SparkSession, CancellationToken, Task>? onCreated)
    {
        Client = client;
        _configuration = configuration;
        _onCreated = onCreated;
        Conf = new RuntimeConfig(this);
        Catalog = new Catalog(this);
        Streams = new StreamingQueryManager(this);
    }

    /// <summary>Id of the session on the server; another one after <see cref="RecreateAsync"/>.</summary>
    public string SessionId => Handle.Id;

    /// <summary>Version of Spark on the server.</summary>
    public string Version { get; private set; } = "";

    /// <summary>The server.</summary>
    public SparkRemote Remote => Client.Remote;

    /// <summary>Configuration of the session.</summary>
    public RuntimeConfig Conf { get; }

    /// <summary>Databases and tables.</summary>
    public Catalog Catalog { get; }

    /// <summary>The session's streaming queries.</summary>
    public StreamingQueryManager Streams { get; }

    /// <summary>Reads files and tables.</summary>
    public DataFrameReader Read => new(this);

    /// <summary>Reads streams.</summary>
    public DataStreamReader ReadStream => new(this);

    /// <summary>Whether <see cref="StopAsync"/> was called.</summary>
    public bool IsStopped => Volatile.Read(ref _stopped) != 0;

    internal ConnectClient Client { get; }

    internal SessionHandle Handle => Volatile.Read(ref _handle);

    /// <summary>Starts to describe a session.</summary>
    public static SparkSessionBuilder Builder() => new();

    /// <summary>
    /// Runs a statement, or analyses a query. Commands (DDL, INSERT, MERGE…) run now, once, and the result holds what they returned;
    /// a query runs when its rows are asked for.
    /// </summary>
    /// <param name="query">The text; <c>:name</c> stands for an argument.</param>
    /// <param name="arguments">Values by name: null, bool, integers, float, double, decimal, string, byte[], DateOnly, DateTime, DateTimeOffset, TimeSpan.</param>
    /// <param name="options">Id and progress of the execution.</param>
    /// <param name="cancellationToken">Interrupts the statement on the server.</param>
    /// <exception cref="SparkException">The statement is wrong or failed.</exception>
    public Task<DataFrame> SqlAsync(
        string query,
        IReadOnlyDictionary<string, object?>? arguments = null,
        ExecuteOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        var sql = new SQL { Query = query };
        var named = arguments ?? NoNames;
        foreach (var (name, value) in named)
        {
            sql.NamedArguments[name] = new Expression { Literal = Literals.Of(value) };
        }

        return RunSqlAsync(sql, named, [], options, cancellationToken);
    }

    /// <summary>As <see cref="SqlAsync(string, IReadOnlyDictionary{string, object}, ExecuteOptions, CancellationToken)"/>, with <c>?</c> for each argument.</summary>
    public Task<DataFrame> SqlAsync(
        string query,
        IReadOnlyList<object?> arguments,
        ExecuteOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        var sql = new SQL { Query = query };
        sql.PosArguments.AddRange(arguments.Select(value => new Expression { Literal = Literals.Of(value) }));
        return RunSqlAsync(sql, NoNames, arguments, options, cancellationToken);
    }

    /// <summary>A table or view.</summary>
    public DataFrame Table(string name) => Read.Table(name);

    /// <summary>
    /// Stops one execution, in any process, by the id of its <see cref="ExecuteOptions.OperationId"/>. It then fails with
    /// <c>OPERATION_CANCELED</c>. Streaming queries are never touched.
    /// </summary>
    /// <returns>Whether it still ran.</returns>
    public Task<bool> InterruptOperationAsync(string operationId, CancellationToken cancellationToken = default) =>
        Client.InterruptAsync(Handle, operationId, Client.Retry, cancellationToken);

    /// <summary>Asks the server for a sign of life, which also keeps the session from expiring.</summary>
    /// <exception cref="SparkSessionLostException">The server no longer knows the session.</exception>
    /// <exception cref="SparkConnectionException">The server cannot be reached.</exception>
    public async Task PingAsync(CancellationToken cancellationToken = default) => await AskVersionAsync(Handle, cancellationToken);

    /// <summary>
    /// Makes the session anew on the server, after a <see cref="SparkSessionLostException"/>: a new id, the builder's configuration, and its
    /// <see cref="SparkSessionBuilder.OnCreated"/>. Temporary views, further configuration and streaming queries of the old one are gone;
    /// data frames stay valid unless they name such a view.
    /// </summary>
    /// <param name="lostSessionId">
    /// The session that was lost: when another caller has already replaced it, nothing is done. Null replaces the session in any case.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task RecreateAsync(string? lostSessionId = null, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(IsStopped, this);
        await _recreating.WaitAsync(cancellationToken);
        try
        {
            if (lostSessionId is not null && lostSessionId != SessionId)
            {
                return;
            }

            var handle = new SessionHandle();
            Version = await AskVersionAsync(handle, cancellationToken);
            await RuntimeConfig.SetAsync(Client, handle, _configuration, cancellationToken);
            var before = Interlocked.Exchange(ref _handle, handle);
            if (lostSessionId is null)
            {
                await ReleaseAsync(before, cancellationToken);
            }

            if (_onCreated is not null)
            {
                await _onCreated(this, cancellationToken);
            }
        }
        finally
        {
            _recreating.Release();
        }
    }

    /// <summary>Ends the session on the server, with its views and streaming queries, and the connection.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        try
        {
            await ReleaseAsync(Handle, cancellationToken);
        }
        finally
        {
            await Client.DisposeAsync();
            _recreating.Dispose();
        }
    }

    /// <summary>As <see cref="StopAsync"/>.</summary>
    public async ValueTask DisposeAsync() => await StopAsync();

    internal Task ConfigureAsync(IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken) =>
        RuntimeConfig.SetAsync(Client, Handle, values, cancellationToken);

    internal IAsyncEnumerable<ExecutePlanResponse> Execute(Plan plan, ExecuteOptions? options, CancellationToken cancellationToken) =>
        new Execution(Client, Handle, plan, options).RunAsync(cancellationToken);

    /// <summary>Runs a command to its end and picks its result.</summary>
    internal async Task<T?> RunCommandAsync<T>(Command command, Func<ExecutePlanResponse, T?> pick, ExecuteOptions? options, CancellationToken cancellationToken)
        where T : class
    {
        T? result = null;
        await foreach (var response in Execute(new Plan { Command = command }, options, cancellationToken))
        {
            result ??= pick(response);
        }

        return result;
    }

    private async Task<DataFrame> RunSqlAsync(
        SQL sql,
        IReadOnlyDictionary<string, object?> named,
        IReadOnlyList<object?> positional,
        ExecuteOptions? options,
        CancellationToken cancellationToken)
    {
        if (named.Count + positional.Count > 0 && !await TakesArgumentsAsync(cancellationToken))
        {
            sql = new SQL { Query = SqlArguments.Bind(sql.Query, named, positional) };
        }

        return await RunSqlAsync(sql, options, cancellationToken);
    }

    private async Task<bool> TakesArgumentsAsync(CancellationToken cancellationToken)
    {
        if (_takesArguments is { } known)
        {
            return known;
        }

        var probe = new SQL { Query = "SELECT ?" };
        probe.PosArguments.Add(new Expression { Literal = Literals.Of(1) });
        var schema = new AnalyzePlanRequest.Types.Schema { Plan = new Plan { Root = new Relation { Sql = probe } } };
        try
        {
            await Client.AnalyzeAsync(Handle, new AnalyzePlanRequest { Schema = schema }, cancellationToken);
            _takesArguments = true;
        }
        catch (SparkException dropped) when (dropped.ErrorClass == "UNBOUND_SQL_PARAMETER")
        {
            _takesArguments = false;
        }

        return _takesArguments.Value;
    }

    private async Task<DataFrame> RunSqlAsync(SQL sql, ExecuteOptions? options, CancellationToken cancellationToken)
    {
        var input = new Relation { Sql = sql };
        var command = new Command { SqlCommand = new SqlCommand { Input = input } };
        var result = await RunCommandAsync(command, response => response.SqlCommandResult?.Relation, options, cancellationToken);
        return new DataFrame(this, result ?? input);
    }

    private async Task ReleaseAsync(SessionHandle handle, CancellationToken cancellationToken)
    {
        if (handle.Observed is null)
        {
            return;
        }

        try
        {
            await Client.ReleaseSessionAsync(handle, cancellationToken);
        }
        catch (SparkException)
        {
            // A server out of reach, or one that no longer knows the session, has nothing to end.
        }
    }

    private async Task<string> AskVersionAsync(SessionHandle handle, CancellationToken cancellationToken)
    {
        var request = new AnalyzePlanRequest { SparkVersion = new AnalyzePlanRequest.Types.SparkVersion() };
        return (await Client.AnalyzeAsync(handle, request, cancellationToken)).SparkVersion.Version;
    }
}
