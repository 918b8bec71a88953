namespace LogPipeline.Core.Query.SparkSql.Syntax;

internal sealed partial class Parser
{
    /// <summary>First words of Spark's other statements: known, and refused by name.</summary>
    private static readonly HashSet<string> _otherStatements = new(StringComparer.OrdinalIgnoreCase)
    {
        "DELETE", "UPDATE", "INSERT", "MERGE", "CREATE", "DROP", "ALTER", "TRUNCATE", "SET", "RESET", "USE", "CACHE", "UNCACHE",
        "REFRESH", "ANALYZE", "MSCK", "LOAD", "ADD", "LIST", "REPLACE", "DECLARE", "CALL", "EXECUTE", "COMMENT", "OPTIMIZE",
        "VACUUM", "RESTORE", "CLONE", "CONVERT", "GENERATE", "CLEAR", "REPAIR", "DFS", "MAP", "REDUCE", "BEGIN",
        "COPY", "ATTACH", "DETACH", "INSTALL", "PRAGMA", "EXPORT", "IMPORT", "CHECKPOINT", "FORCE", "UNPIVOT", "PIVOT", "SUMMARIZE",
    };

    /// <summary>First words that Spark knows only to say that it has no such statement.</summary>
    private static readonly HashSet<string> _invalidStatements = new(StringComparer.OrdinalIgnoreCase)
    {
        "GRANT", "REVOKE", "LOCK", "UNLOCK", "COMMIT", "ROLLBACK",
    };

    private StatementNode ReadStatement()
    {
        var start = Current.Span;
        if (TryTake("EXPLAIN"))
        {
            _ = TryTake("EXTENDED") || TryTake("FORMATTED") || TryTake("CODEGEN") || TryTake("COST") || TryTake("LOGICAL");
            var query = ReadQuery();
            return new ExplainStatement(From(start), query);
        }

        if (At("DESCRIBE") || At("DESC"))
        {
            return ReadDescribe(start);
        }

        if (At("SHOW"))
        {
            return ReadShow(start);
        }

        if (AtAny("SELECT", "WITH", "FROM", "VALUES", "TABLE", "("))
        {
            return new QueryStatement(start, ReadQuery()) is var statement ? statement with { Span = From(start) } : throw Unexpected();
        }

        if (Current.Kind == TokenKind.Word && Ahead().Kind != TokenKind.End && _otherStatements.Contains(Current.Text))
        {
            throw Unsupported(start, $"The statement {Current.Text.ToUpperInvariant()}");
        }

        if (Current.Kind == TokenKind.Word && _invalidStatements.Contains(Current.Text))
        {
            var name = At("LOCK", "TABLE") || At("UNLOCK", "TABLE") ? Current.Text.ToUpperInvariant() + " TABLE" : Current.Text.ToUpperInvariant();
            throw SqlError.At(_sql, start, "INVALID_STATEMENT_OR_CLAUSE", "42601", $"The statement or clause: {name} is not valid.");
        }

        throw Unexpected();
    }

    private StatementNode ReadDescribe(Span start)
    {
        Take();
        if (TryTake("QUERY") || AtAny("SELECT", "WITH", "FROM", "VALUES") || At("TABLE", "("))
        {
            var query = ReadQuery();
            return new DescribeQueryStatement(From(start), query);
        }

        if (AtAny("FUNCTION", "DATABASE", "SCHEMA", "NAMESPACE", "CATALOG", "HISTORY", "DETAIL", "PROCEDURE"))
        {
            throw Unsupported(Current.Span, $"DESCRIBE {Current.Text.ToUpperInvariant()}");
        }

        TryTake("TABLE");
        if (AtAny("EXTENDED", "FORMATTED"))
        {
            throw Unsupported(Current.Span, $"DESCRIBE {Current.Text.ToUpperInvariant()}");
        }

        var table = ReadTableName();
        if (AtAny("PARTITION", "AS"))
        {
            throw Unsupported(Current.Span, $"DESCRIBE with {Current.Text.ToUpperInvariant()}");
        }

        NameNode? column = null;
        if (Current.Kind is TokenKind.Word or TokenKind.QuotedName)
        {
            var at = Current.Span;
            var parts = ReadQualifiedName();
            column = new NameNode(From(at), parts);
        }

        return new DescribeTableStatement(From(start), table, column);
    }

    private TableNode ReadTableName()
    {
        var at = Current.Span;
        var parts = ReadQualifiedName();
        return new TableNode(From(at), parts);
    }

    private StatementNode ReadShow(Span start)
    {
        Take();
        if (TryTake("TABLES"))
        {
            string? schema = null;
            var at = Current.Span;
            if (TryTake("IN") || TryTake("FROM"))
            {
                at = Current.Span;
                schema = string.Join('.', ReadQualifiedName());
                at = From(at);
            }

            return new ShowTablesStatement(start, schema, at, ReadPattern());
        }

        if (TryTake("COLUMNS"))
        {
            if (!TryTake("IN"))
            {
                Expect("FROM");
            }

            var table = ReadTableName();
            if (TryTake("IN") || TryTake("FROM"))
            {
                var schema = ReadQualifiedName();
                table = table with { Parts = [.. schema, table.Parts[^1]], Span = From(table.Span) };
            }

            return new ShowColumnsStatement(From(start), table);
        }

        if (TryTake("DATABASES") || TryTake("SCHEMAS") || TryTake("NAMESPACES"))
        {
            return new ShowSchemasStatement(From(start), ReadPattern());
        }

        if (TryTake("CATALOGS"))
        {
            return new ShowCatalogsStatement(From(start), ReadPattern());
        }

        throw Current.Kind == TokenKind.Word ? Unsupported(From(start), $"SHOW {Current.Text.ToUpperInvariant()}") : Unexpected();
    }

    private string? ReadPattern()
    {
        var needed = TryTake("LIKE");
        return Current.Kind == TokenKind.Text ? Take().Text : needed ? throw Unexpected() : null;
    }
}
