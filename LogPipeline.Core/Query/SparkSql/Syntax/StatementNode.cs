namespace LogPipeline.Core.Query.SparkSql.Syntax;

/// <summary>A statement as written.</summary>
internal abstract record StatementNode;
