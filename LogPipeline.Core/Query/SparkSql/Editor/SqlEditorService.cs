using LogPipeline.Core.Lake;
using LogPipeline.Core.Query.SparkSql.Functions;
using LogPipeline.Core.Query.SparkSql.Syntax;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.SparkSql.Editor;

/// <summary>Completion, diagnostics, hover and formatting for an editor, by the same parser and analysis that answer queries.</summary>
/// <remarks>Tables are given as their names within schema <c>delta_lake</c> and their schemas.</remarks>
public static class SqlEditorService
{
    private static readonly string[] _keywords =
    [
        "SELECT", "FROM", "WHERE", "GROUP BY", "HAVING", "ORDER BY", "LIMIT", "OFFSET", "DISTINCT", "AS", "AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "RLIKE",
        "IS NULL", "IS NOT NULL", "CASE", "WHEN", "THEN", "ELSE", "END", "CAST", "INTERVAL", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN",
        "SEMI JOIN", "ANTI JOIN", "ON", "USING", "UNION ALL", "UNION", "INTERSECT", "EXCEPT", "WITH", "VALUES", "EXISTS", "OVER", "PARTITION BY", "ASC", "DESC",
        "NULLS FIRST", "NULLS LAST", "QUALIFY", "FILTER", "EXPLAIN", "DESCRIBE", "SHOW TABLES", "SHOW COLUMNS", "DATE", "TIMESTAMP", "TRUE", "FALSE", "NULL",
    ];

    /// <summary>What can stand at the caret, tables and columns first.</summary>
    public static IReadOnlyList<CompletionItem> Complete(string sql, int caret, IReadOnlyDictionary<string, StructType> tables)
    {
        ArgumentNullException.ThrowIfNull(sql);
        ArgumentNullException.ThrowIfNull(tables);
        var tokens = Tokens(sql);
        var before = tokens.TakeWhile(token => token.Span.End < caret || (token.Span.End == caret && token.Kind is TokenKind.Symbol)).ToList();
        var word = tokens.FirstOrDefault(token => token.Kind is TokenKind.Word && token.Span.Start < caret && token.Span.End >= caret);
        var prefix = word.Kind == TokenKind.Word && word.Text is not null ? sql[word.Span.Start..caret] : "";
        var items = Candidates(tokens, before, tables);
        return [.. items.Where(item => item.Label.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
            || (item.Kind == "table" && item.Label[(item.Label.IndexOf('.', StringComparison.Ordinal) + 1)..].StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))];
    }

    /// <summary>The faults of a statement while it is typed: none or one.</summary>
    public static IReadOnlyList<SqlDiagnostic> Diagnose(string sql, IReadOnlyDictionary<string, StructType> tables)
    {
        ArgumentNullException.ThrowIfNull(sql);
        ArgumentNullException.ThrowIfNull(tables);
        if (string.IsNullOrWhiteSpace(sql))
        {
            return [];
        }

        try
        {
            var statement = SparkSqlFrontEnd.Parse(sql);
            var snapshots = new Dictionary<string, TableSnapshot>(StringComparer.OrdinalIgnoreCase);
            foreach (var written in statement.Tables)
            {
                if (Find(written, tables) is { } table)
                {
                    snapshots[written] = new TableSnapshot(table.Key, "", 0, DateTimeOffset.UnixEpoch, table.Value, [], []);
                }
            }

            SparkSqlFrontEnd.Analyze(statement, snapshots, new AnalysisContext(DateTimeOffset.UnixEpoch, [.. tables.Keys]));
            return [];
        }
        catch (QueryException failure)
        {
            return [new SqlDiagnostic(Math.Max(0, failure.Start), Math.Max(1, failure.Length), Math.Max(1, failure.Line), Math.Max(1, failure.Column), failure.ErrorClass ?? "", failure.Message, failure.Suggestions)];
        }
    }

    /// <summary>What the word at a place is, or null.</summary>
    public static HoverText? Hover(string sql, int offset, IReadOnlyDictionary<string, StructType> tables)
    {
        ArgumentNullException.ThrowIfNull(sql);
        ArgumentNullException.ThrowIfNull(tables);
        var tokens = Tokens(sql);
        var index = tokens.FindIndex(token => token.Kind is TokenKind.Word or TokenKind.QuotedName && token.Span.Start <= offset && offset < token.Span.End);
        if (index < 0)
        {
            return null;
        }

        var word = tokens[index];
        if (index + 1 < tokens.Count && tokens[index + 1].Is("(") && FunctionLibrary.Find(word.Text) is { } function)
        {
            return new HoverText(word.Span.Start, word.Span.Length, function.Signature, function.Description);
        }

        foreach (var (name, schema) in Named(tokens, tables).Select(named => (named.Table.Key, named.Table.Value)).DistinctBy(pair => pair.Key))
        {
            if (schema.IndexOf(word.Text) is var place and >= 0)
            {
                var field = schema.Fields[place];
                return new HoverText(word.Span.Start, word.Span.Length, $"{field.Name}: {field.Type.SimpleString}", field.Comment ?? $"Column of delta_lake.{name}.");
            }
        }

        return Find(word.Text, tables) is { } table
            ? new HoverText(word.Span.Start, word.Span.Length, $"delta_lake.{table.Key}", $"{table.Value.Fields.Count} columns.")
            : null;
    }

    /// <summary>The statement with one clause a line. A text with comments, or one that cannot be read, comes back as it is.</summary>
    public static string Format(string sql)
    {
        ArgumentNullException.ThrowIfNull(sql);
        return SqlFormatter.Format(sql);
    }

    private static IEnumerable<CompletionItem> Candidates(List<Token> tokens, List<Token> before, IReadOnlyDictionary<string, StructType> tables)
    {
        var last = before.Count > 0 ? before[^1] : default;
        var named = Named(tokens, tables);
        if (last.Kind == TokenKind.Symbol && last.Is(".") && before.Count > 1)
        {
            var qualifier = before[^2].Text;
            return string.Equals(qualifier, "delta_lake", StringComparison.OrdinalIgnoreCase)
                ? tables.Select(table => new CompletionItem(table.Key, "table", $"{table.Value.Fields.Count} columns", ""))
                : named.Where(one => string.Equals(one.Alias, qualifier, StringComparison.OrdinalIgnoreCase)).SelectMany(one => Columns(one.Table));
        }

        if (last.Kind == TokenKind.Word && (last.Is("FROM") || last.Is("JOIN") || last.Is("DESCRIBE") || last.Is("TABLE")))
        {
            return tables.Select(table => new CompletionItem("delta_lake." + table.Key, "table", $"{table.Value.Fields.Count} columns", ""));
        }

        var columns = named.Count > 0 ? named.Select(one => one.Table).DistinctBy(table => table.Key).SelectMany(Columns) : tables.SelectMany(Columns);
        var functions = FunctionLibrary.All.Where(function => !function.Name.Contains(' ', StringComparison.Ordinal))
            .Select(function => new CompletionItem(function.Name, "function", function.Signature, function.Description));
        return columns.DistinctBy(item => item.Label).Concat(functions).Concat(_keywords.Select(keyword => new CompletionItem(keyword, "keyword", "", "")));
    }

    private static IEnumerable<CompletionItem> Columns(KeyValuePair<string, StructType> table) =>
        table.Value.Fields.Select(field => new CompletionItem(field.Name, "column", field.Type.SimpleString, field.Comment ?? ""));

    /// <summary>Tables that the text names, with the names that stand for them.</summary>
    private static List<(string Alias, KeyValuePair<string, StructType> Table)> Named(List<Token> tokens, IReadOnlyDictionary<string, StructType> tables)
    {
        var named = new List<(string, KeyValuePair<string, StructType>)>();
        for (var index = 0; index < tokens.Count; index++)
        {
            if (tokens[index].Kind is not (TokenKind.Word or TokenKind.QuotedName) || Find(tokens[index].Text, tables) is not { } table)
            {
                continue;
            }

            named.Add((table.Key, table));
            var next = index + 1 < tokens.Count && tokens[index + 1].Is("AS") ? index + 2 : index + 1;
            if (next < tokens.Count && tokens[next].Kind is TokenKind.Word or TokenKind.QuotedName)
            {
                named.Add((tokens[next].Text, table));
            }
        }

        return named;
    }

    private static KeyValuePair<string, StructType>? Find(string written, IReadOnlyDictionary<string, StructType> tables)
    {
        var name = written[(written.LastIndexOf('.') + 1)..];
        foreach (var table in tables)
        {
            if (string.Equals(table.Key, name, StringComparison.OrdinalIgnoreCase))
            {
                return table;
            }
        }

        return null;
    }

    /// <summary>Tokens of a text that may be unfinished: what cannot be read ends the list.</summary>
    private static List<Token> Tokens(string sql)
    {
        for (var end = sql.Length; end > 0;)
        {
            try
            {
                return Lexer.Read(sql[..end]);
            }
            catch (QueryException failure) when (failure.Start >= 0)
            {
                end = Math.Min(end - 1, failure.Start);
            }
        }

        return [];
    }
}
