using LogPipeline.Core.Query;
using LogPipeline.Core.Query.SparkSql;
using LogPipeline.Core.Query.SparkSql.Syntax;

namespace LogPipeline.Spark.Query;

/// <summary>Refuses files as tables: <c>text.`/etc/passwd`</c>, <c>spark_catalog.delta.`/other/lake`</c>, <c>DESCRIBE HISTORY '/path'</c>.</summary>
/// <remarks>
/// Spark takes a name for a file when its last part but one is a source of files, or the class of one, which is a name with points in
/// back quotes. Such a name may as well be a field of a column (<c>json.id</c>). It is one where no relation can stand; behind a
/// comma or a bracket the embedded front end has to parse the statement and take it for one.
/// </remarks>
internal static class FileNames
{
    private static readonly HashSet<string> Sources = new(StringComparer.OrdinalIgnoreCase)
    {
        "text", "csv", "json", "xml", "parquet", "orc", "avro", "delta", "iceberg", "hudi", "binaryfile", "image", "libsvm", "excel", "protobuf",
        "jdbc", "kafka", "socket", "rate", "hive", "sequencefile", "statestore", "state-metadata",
    };

    /// <summary>Words behind which a relation stands, never an expression.</summary>
    private static readonly HashSet<string> BeforeRelation = new(StringComparer.OrdinalIgnoreCase) { "FROM", "JOIN", "TABLE", "STREAM" };

    private const string Unparsed = "";

    public static void Check(string sql, IReadOnlyList<Token> tokens, StatementKind kind)
    {
        HashSet<string>? relations = null;
        for (var index = 0; index < tokens.Count; index++)
        {
            var parts = PartsAt(tokens, index);
            if (parts.Count > 1 && (parts.Take(parts.Count - 1).Any(IsSource) || IsPath(parts[^1])) && MayBeRelation(index, parts))
            {
                throw StatementCheck.Refusal(sql, tokens[index], $"{string.Join('.', parts.Select(part => part.Text))} names a file, and queries only read tables.");
            }

            index += Math.Max(0, (parts.Count * 2) - 2);
        }

        CheckDescribedPath(sql, tokens);

        bool MayBeRelation(int index, List<Token> parts)
        {
            var before = index == 0 ? default : tokens[index - 1];
            if ((kind == StatementKind.Description && !tokens[0].Is("EXPLAIN")) || (before.Kind == TokenKind.Word && BeforeRelation.Contains(before.Text)))
            {
                return true;
            }

            if (!before.Is(",") && !before.Is("("))
            {
                return false;
            }

            relations ??= RelationsOf(sql);
            return relations.Contains(Unparsed) || relations.Contains(Joined(parts));
        }
    }

    /// <summary>DESCRIBE HISTORY and DESCRIBE DETAIL take a path as a text.</summary>
    private static void CheckDescribedPath(string sql, IReadOnlyList<Token> tokens)
    {
        for (var index = 0; index < tokens.Count - 1; index++)
        {
            if ((tokens[index].Is("HISTORY") || tokens[index].Is("DETAIL")) && tokens[index + 1].Kind == TokenKind.Text)
            {
                throw StatementCheck.Refusal(sql, tokens[index + 1], "A path names a file, and queries only read tables.");
            }
        }
    }

    /// <summary>Parts of a name with points that begins at a token.</summary>
    private static List<Token> PartsAt(IReadOnlyList<Token> tokens, int at)
    {
        var parts = new List<Token>();
        while (tokens[at].Kind is TokenKind.Word or TokenKind.QuotedName or TokenKind.Text)
        {
            parts.Add(tokens[at]);
            if (!tokens[at + 1].Is("."))
            {
                break;
            }

            at += 2;
        }

        return parts;
    }

    private static bool IsSource(Token part) => Sources.Contains(part.Text) || (part.Kind != TokenKind.Word && part.Text.Contains('.', StringComparison.Ordinal));

    private static bool IsPath(Token part) => part.Kind != TokenKind.Word && part.Text.AsSpan().ContainsAny('/', '\\', ':');

    private static string Joined(IEnumerable<Token> parts) => string.Join('.', parts.Select(part => part.Text)).ToUpperInvariant();

    /// <summary>The relations of a statement; <see cref="Unparsed"/> when they cannot be told.</summary>
    private static HashSet<string> RelationsOf(string sql)
    {
        try
        {
            return [.. SparkSqlFrontEnd.Parse(sql).Tables.Select(table => table.Replace("`", "", StringComparison.Ordinal).ToUpperInvariant())];
        }
        catch (QueryException)
        {
            return [Unparsed];
        }
    }
}
