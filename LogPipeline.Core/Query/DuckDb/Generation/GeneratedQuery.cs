namespace LogPipeline.Core.Query.DuckDb.Generation;

/// <summary>DuckDB SQL of a typed statement.</summary>
/// <param name="Sql">One SELECT whose columns have the DuckDB types of <paramref name="Columns"/>. Day-time intervals are BIGINT microseconds, year-month intervals INTEGER months, a bare NULL is INTEGER.</param>
/// <param name="Columns">Names and Spark types of the result, in order.</param>
internal sealed record GeneratedQuery(string Sql, IReadOnlyList<QueryColumn> Columns);
