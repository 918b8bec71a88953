namespace LogPipeline.Core.Query;

/// <summary>A query to begin with.</summary>
/// <param name="Title">A few words.</param>
/// <param name="Description">A few words that say what the rows are.</param>
/// <param name="Sql">The statement.</param>
public sealed record SampleQuery(string Title, string Description, string Sql);

/// <summary>The queries that every engine answers with the same rows.</summary>
public static class SampleQueries
{
    /// <summary>Error analysis, user sessions and anomalies.</summary>
    public static IReadOnlyList<SampleQuery> All { get; } =
    [
        new(
            "Error analysis",
            "endpoints with errors, last hour",
            "SELECT endpoint, count(*) as error_count, avg(response_time) as avg_response_time FROM delta_lake.logs WHERE status >= 400 AND timestamp >= current_timestamp() - interval 1 hour GROUP BY endpoint ORDER BY error_count DESC LIMIT 5"),
        new(
            "User sessions",
            "page views by user, today",
            "SELECT user_id, count(distinct session_id) as sessions, count(*) as page_views, sum(response_time) / count(*) as avg_session_time FROM delta_lake.logs WHERE timestamp >= current_date() GROUP BY user_id ORDER BY page_views DESC LIMIT 10"),
        new(
            "Anomalies",
            "errors and slow requests, 30 min",
            "SELECT endpoint, source, level, count(*) as anomaly_count, max(response_time) as max_response_time FROM delta_lake.logs WHERE (level = 'ERROR' OR response_time > 1000) AND timestamp >= current_timestamp() - interval 30 minutes GROUP BY endpoint, source, level ORDER BY anomaly_count DESC"),
    ];
}
