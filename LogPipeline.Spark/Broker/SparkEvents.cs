using System.Diagnostics.Metrics;
using LogPipeline.Core.Health;
using Microsoft.Extensions.Logging;

namespace LogPipeline.Spark.Broker;

/// <summary>What happens to the server and the session: each event is logged and counted in one place.</summary>
internal sealed partial class SparkEvents : IDisposable
{
    private readonly ILogger<SparkEvents> logger;
    private readonly Meter meter;
    private readonly Counter<long> sessions;
    private readonly Counter<long> lost;
    private readonly Counter<long> failures;
    private readonly Counter<long> serverErrors;
    private readonly Counter<long> tables;
    private readonly Histogram<double> connectSeconds;

    public SparkEvents(ILogger<SparkEvents> logger, IMeterFactory meters)
    {
        this.logger = logger;
        meter = meters.Create("LogPipeline.Spark");
        sessions = meter.CreateCounter<long>("spark.sessions", description: "Sessions made");
        lost = meter.CreateCounter<long>("spark.sessions.lost", description: "Sessions lost, by reason");
        failures = meter.CreateCounter<long>("spark.connect.failures", description: "Tries to get a session that failed");
        serverErrors = meter.CreateCounter<long>("spark.server.errors", description: "Errors that the Connect server wrote");
        tables = meter.CreateCounter<long>("spark.tables", description: "Tables of the lake registered with Spark");
        connectSeconds = meter.CreateHistogram<double>("spark.connect.duration", "s", "From looking for a server to a session");
    }

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();

    public void Starting(string master, int processId, int port) => LogStarting(master, processId, port);

    public void EndingLeftover(int processId) => LogEndingLeftover(processId);

    public void Attaching(string server) => LogAttaching(server);

    public void Connected(EngineStatus status, TimeSpan elapsed)
    {
        sessions.Add(1, new KeyValuePair<string, object?>("owner", status.Owner.ToString()));
        connectSeconds.Record(elapsed.TotalSeconds);
        LogConnected(status.Version, status.Master, status.SessionId, elapsed.TotalSeconds);
    }

    public void Lost(string reason)
    {
        lost.Add(1);
        LogLost(reason);
    }

    public void Unresponsive(TimeSpan silence) => LogUnresponsive(silence.TotalSeconds);

    public void Answering() => LogAnswering();

    public void Failed(Exception failure, TimeSpan wait)
    {
        failures.Add(1);
        LogFailed(failure.Message, wait.TotalSeconds);
    }

    public void ServerError(string line)
    {
        serverErrors.Add(1);
        LogServerError(line);
    }

    public void Registered(string table)
    {
        tables.Add(1);
        LogRegistered(table);
    }

    public void TableRefused(string table, Exception failure)
    {
        failures.Add(1);
        LogTableRefused(table, failure.Message);
    }

    public void ListenerFailed(Exception failure)
    {
        failures.Add(1);
        LogListenerFailed(failure);
    }

    public void Stopped() => LogStopped();

    [LoggerMessage(1, LogLevel.Information, "Spark starts on {Master}: process {ProcessId}, port {Port}")]
    private partial void LogStarting(string master, int processId, int port);

    [LoggerMessage(2, LogLevel.Information, "Spark runs already: {Server}")]
    private partial void LogAttaching(string server);

    [LoggerMessage(3, LogLevel.Information, "Session of Spark {Version} on {Master}: {SessionId}, after {Seconds:0.0} s")]
    private partial void LogConnected(string? version, string? master, string? sessionId, double seconds);

    [LoggerMessage(4, LogLevel.Warning, "The Spark session is lost: {Reason}")]
    private partial void LogLost(string reason);

    [LoggerMessage(5, LogLevel.Warning, "Spark has not answered for {Seconds:0.0} s")]
    private partial void LogUnresponsive(double seconds);

    [LoggerMessage(6, LogLevel.Information, "Spark answers again")]
    private partial void LogAnswering();

    [LoggerMessage(7, LogLevel.Error, "No Spark session: {Reason} Next try in {Seconds:0.0} s")]
    private partial void LogFailed(string reason, double seconds);

    [LoggerMessage(8, LogLevel.Warning, "Spark says: {Line}")]
    private partial void LogServerError(string line);

    [LoggerMessage(9, LogLevel.Debug, "Table {Table} is known to Spark")]
    private partial void LogRegistered(string table);

    [LoggerMessage(10, LogLevel.Warning, "Table {Table} cannot be read through Spark: {Reason}")]
    private partial void LogTableRefused(string table, string reason);

    [LoggerMessage(11, LogLevel.Error, "What begins with each Spark session failed")]
    private partial void LogListenerFailed(Exception failure);

    [LoggerMessage(12, LogLevel.Information, "Spark is stopped")]
    private partial void LogStopped();

    [LoggerMessage(13, LogLevel.Warning, "Process {ProcessId} is the Spark of a host that is gone, and is ended")]
    private partial void LogEndingLeftover(int processId);
}
