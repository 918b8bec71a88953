using LogPipeline.Core.Query.SparkSql.Syntax;

namespace LogPipeline.Core.Query.SparkSql;

/// <summary>A statement that was read but not yet resolved.</summary>
public sealed class ParsedStatement
{
    internal ParsedStatement(string sql, StatementNode root)
    {
        Sql = sql;
        Root = root;
        Tables = TableNames.Collect(root);
    }

    /// <summary>The text.</summary>
    public string Sql { get; }

    /// <summary>Names of the tables that it reads, as written (<c>delta_lake.logs</c>), without common table expressions, each once.</summary>
    public IReadOnlyList<string> Tables { get; }

    internal StatementNode Root { get; }
}
