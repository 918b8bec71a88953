using LogPipeline.Spark.Connect.Protocol;

namespace LogPipeline.Spark.Connect;

/// <summary>The streaming queries of a session.</summary>
public sealed class StreamingQueryManager
{
    private readonly SparkSession _session;

    internal StreamingQueryManager(SparkSession session) => _session = session;

    /// <summary>Those that run.</summary>
    public async Task<IReadOnlyList<StreamingQuery>> ActiveAsync(CancellationToken cancellationToken = default)
    {
        var result = await AskAsync(new StreamingQueryManagerCommand { Active = true }, cancellationToken);
        return [.. (result.Active?.ActiveQueries ?? []).Select(ToQuery)];
    }

    /// <summary>The one with an id, or null when it does not run.</summary>
    public async Task<StreamingQuery?> GetAsync(string id, CancellationToken cancellationToken = default)
    {
        var result = await AskAsync(new StreamingQueryManagerCommand { GetQuery = id }, cancellationToken);
        return result.Query is { Id: not null } query ? ToQuery(query) : null;
    }

    private StreamingQuery ToQuery(StreamingQueryManagerCommandResult.Types.StreamingQueryInstance query) =>
        new(_session, query.Id, query.HasName ? query.Name : null);

    private async Task<StreamingQueryManagerCommandResult> AskAsync(StreamingQueryManagerCommand question, CancellationToken cancellationToken)
    {
        var command = new Command { StreamingQueryManagerCommand = question };
        return await _session.RunCommandAsync(command, response => response.StreamingQueryManagerCommandResult, null, cancellationToken)
            ?? new StreamingQueryManagerCommandResult();
    }
}
