using LogPipeline.Core.Configuration;
using LogPipeline.Core.Query;

namespace LogPipeline.Spark;

/// <summary>What the host knows of Spark before it composes it.</summary>
public static class SparkEngine
{
    /// <summary>Whether Spark does anything in a host: writes the tables, or answers queries.</summary>
    public static bool IsChosen(PipelineOptions host, QueryOptions? queries)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.Engine == EngineKind.Spark || AnswersQueries(host, queries);
    }

    /// <summary>Whether Spark answers the queries that ask for no engine.</summary>
    public static bool AnswersQueries(PipelineOptions host, QueryOptions? queries)
    {
        ArgumentNullException.ThrowIfNull(host);
        return (queries?.Engine ?? host.Engine) == EngineKind.Spark;
    }
}
