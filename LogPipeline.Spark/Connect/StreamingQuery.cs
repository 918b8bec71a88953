using LogPipeline.Spark.Connect.Protocol;

namespace LogPipeline.Spark.Connect;

/// <summary>A streaming query on the server. It runs on when this object, or the connection, is gone; it ends with the session.</summary>
public sealed class StreamingQuery
{
    private readonly SparkSession _session;
    private readonly StreamingQueryInstanceId _instance;

    internal StreamingQuery(SparkSession session, StreamingQueryInstanceId instance, string? name)
    {
        _session = session;
        _instance = instance;
        Name = string.IsNullOrEmpty(name) ? null : name;
    }

    /// <summary>Id that the checkpoint keeps: the same after every restart.</summary>
    public string Id => _instance.Id;

    /// <summary>Id of this run.</summary>
    public string RunId => _instance.RunId;

    /// <summary>Its name, if it has one.</summary>
    public string? Name { get; }

    /// <summary>What it does now.</summary>
    public async Task<StreamingQueryStatus> StatusAsync(CancellationToken cancellationToken = default)
    {
        var status = (await AskAsync(new StreamingQueryCommand { Status = true }, cancellationToken)).Status;
        return new StreamingQueryStatus(status.StatusMessage, status.IsDataAvailable, status.IsTriggerActive, status.IsActive);
    }

    /// <summary>Figures of the newest batch, or null before the first.</summary>
    public async Task<StreamingQueryProgress?> LastProgressAsync(CancellationToken cancellationToken = default)
    {
        var progress = (await AskAsync(new StreamingQueryCommand { LastProgress = true }, cancellationToken)).RecentProgress;
        return progress?.RecentProgressJson is [var json, ..] ? StreamingQueryProgress.Parse(json) : null;
    }

    /// <summary>Figures of the newest batches, the oldest first (<c>spark.sql.streaming.numRecentProgressUpdates</c>).</summary>
    public async Task<IReadOnlyList<StreamingQueryProgress>> RecentProgressAsync(CancellationToken cancellationToken = default)
    {
        var progress = (await AskAsync(new StreamingQueryCommand { RecentProgress = true }, cancellationToken)).RecentProgress;
        return [.. (progress?.RecentProgressJson ?? []).Select(StreamingQueryProgress.Parse)];
    }

    /// <summary>How Spark runs its batches.</summary>
    public async Task<string> ExplainAsync(bool extended = false, CancellationToken cancellationToken = default)
    {
        var explain = new StreamingQueryCommand.Types.ExplainCommand { Extended = extended };
        return (await AskAsync(new StreamingQueryCommand { Explain = explain }, cancellationToken)).Explain.Result;
    }

    /// <summary>The error that ended it, or null.</summary>
    public async Task<SparkException?> ExceptionAsync(CancellationToken cancellationToken = default)
    {
        var exception = (await AskAsync(new StreamingQueryCommand { Exception = true }, cancellationToken)).Exception;
        return exception is not { HasExceptionMessage: true }
            ? null
            : new SparkException(exception.ExceptionMessage)
            {
                ErrorClass = exception.HasErrorClass ? exception.ErrorClass : null,
                ServerStackTrace = exception.HasStackTrace ? exception.StackTrace : null,
            };
    }

    /// <summary>Waits until all that is in the source now is in the sink.</summary>
    /// <exception cref="SparkException">The query failed.</exception>
    public Task ProcessAllAvailableAsync(CancellationToken cancellationToken = default) =>
        AskAsync(new StreamingQueryCommand { ProcessAllAvailable = true }, cancellationToken);

    /// <summary>Waits for its end, at most so long.</summary>
    /// <returns>Whether it ended.</returns>
    /// <exception cref="SparkException">The query failed.</exception>
    public async Task<bool> AwaitTerminationAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var wait = new StreamingQueryCommand.Types.AwaitTerminationCommand();
        if (timeout is { } limit)
        {
            wait.TimeoutMs = Math.Max(1, (long)limit.TotalMilliseconds);
        }

        return (await AskAsync(new StreamingQueryCommand { AwaitTermination = wait }, cancellationToken)).AwaitTermination?.Terminated ?? true;
    }

    /// <summary>Ends it, and waits for the end. What the running batch had not committed is done again by the next run on the checkpoint.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) => AskAsync(new StreamingQueryCommand { Stop = true }, cancellationToken);

    private async Task<StreamingQueryCommandResult> AskAsync(StreamingQueryCommand question, CancellationToken cancellationToken)
    {
        question.QueryId = _instance;
        var command = new Command { StreamingQueryCommand = question };
        return await _session.RunCommandAsync(command, response => response.StreamingQueryCommandResult, null, cancellationToken) ?? new StreamingQueryCommandResult();
    }
}

/// <summary>What a streaming query does at one moment.</summary>
/// <param name="Message">In words.</param>
/// <param name="IsDataAvailable">Whether the source has more.</param>
/// <param name="IsTriggerActive">Whether a batch runs.</param>
/// <param name="IsActive">Whether the query runs.</param>
public sealed record StreamingQueryStatus(string Message, bool IsDataAvailable, bool IsTriggerActive, bool IsActive);
