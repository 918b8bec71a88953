namespace LogPipeline.Core.Query.SparkSql.Plan;

/// <summary>Rows with typed columns.</summary>
internal abstract record Relation;

/// <summary>A common table expression.</summary>
internal sealed record CommonTable(string Name, Relation Plan);
