using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace LogPipeline.Core.Query;

/// <summary>What happens to queries: each event is a log line and a counter.</summary>
/// <remarks>Statements may hold what people search for, so a log line has their length and outcome, never their text.</remarks>
internal sealed partial class QueryEvents(ILogger<QueryEvents> logger, IMeterFactory meters)
{
    private readonly Counter<long> finished = Counters(meters).CreateCounter<long>("logpipeline.query.finished", description: "Queries by outcome");
    private readonly Histogram<double> duration = Counters(meters).CreateHistogram<double>("logpipeline.query.duration", "s", "Time of queries that gave rows");

    public void Answered(string engine, long rows, bool truncated, TimeSpan elapsed)
    {
        finished.Add(1, Outcome("answered"));
        duration.Record(elapsed.TotalSeconds);
        LogAnswered(engine, rows, truncated ? "cut" : "all", elapsed.TotalMilliseconds);
    }

    public void Failed(string engine, string? errorClass, TimeSpan elapsed)
    {
        finished.Add(1, Outcome("failed"));
        LogFailed(engine, errorClass ?? "no class", elapsed.TotalMilliseconds);
    }

    public void Cancelled(string engine, TimeSpan elapsed)
    {
        finished.Add(1, Outcome("cancelled"));
        LogCancelled(engine, elapsed.TotalMilliseconds);
    }

    public void Refused(int running, int waiting)
    {
        finished.Add(1, Outcome("refused"));
        LogRefused(running, waiting);
    }

    public void HistoryLost(string file, Exception failure)
    {
        finished.Add(0, Outcome("answered"));
        LogHistoryLost(file, failure);
    }

    private static Meter Counters(IMeterFactory meters) => meters.Create("LogPipeline.Query");

    private static KeyValuePair<string, object?> Outcome(string name) => new("outcome", name);

    [LoggerMessage(1, LogLevel.Debug, "{Engine} answered with {Rows} rows ({Extent}) in {Milliseconds:0.0} ms")]
    private partial void LogAnswered(string engine, long rows, string extent, double milliseconds);

    [LoggerMessage(2, LogLevel.Debug, "{Engine} refused or failed a query: {ErrorClass} after {Milliseconds:0.0} ms")]
    private partial void LogFailed(string engine, string errorClass, double milliseconds);

    [LoggerMessage(3, LogLevel.Information, "A query on {Engine} was cancelled after {Milliseconds:0.0} ms")]
    private partial void LogCancelled(string engine, double milliseconds);

    [LoggerMessage(4, LogLevel.Warning, "Too many queries: {Running} run and {Waiting} wait")]
    private partial void LogRefused(int running, int waiting);

    [LoggerMessage(5, LogLevel.Warning, "The history of queries in {File} could not be read or written")]
    private partial void LogHistoryLost(string file, Exception failure);
}
