namespace LogPipeline.Core.Query.SparkSql;

/// <summary>What a statement's meaning depends on besides its text and tables.</summary>
/// <param name="Now">The moment that <c>current_timestamp()</c> gives, fixed for the whole statement.</param>
/// <param name="TableNames">Names of every table of schema <c>delta_lake</c>.</param>
public sealed record AnalysisContext(DateTimeOffset Now, IReadOnlyList<string> TableNames);
