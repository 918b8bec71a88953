using LogPipeline.Core.Lake;
using LogPipeline.Core.Query;
using LogPipeline.Core.Query.SparkSql.Syntax;
using LogPipeline.Spark.Broker;

namespace LogPipeline.Spark.Query;

/// <summary>Which version of each table a statement reads, as far as that is certain.</summary>
/// <remarks>
/// Spark does not tell. It takes a table's version when it analyses the statement, so a version that was current both before the
/// statement was sent and after its first answer is the one; a table that got a commit in between is left out.
/// </remarks>
internal sealed class TableVersions(ITableCatalog catalog, string sql)
{
    private readonly List<TableVersion> before = [];
    private IReadOnlyList<TableVersion> read = [];

    /// <summary>The certain versions.</summary>
    public IReadOnlyList<TableVersion> Read => read;

    /// <summary>Before the statement is sent.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        foreach (var name in NamesIn(sql, catalog.Tables))
        {
            if (await catalog.FindAsync(name, cancellationToken).ConfigureAwait(false) is { } snapshot)
            {
                before.Add(new TableVersion(snapshot.Name, snapshot.Version, snapshot.CommittedAt));
            }
        }
    }

    /// <summary>Once Spark has analysed the statement.</summary>
    public async Task AnalysedAsync(CancellationToken cancellationToken)
    {
        var certain = new List<TableVersion>();
        foreach (var version in before)
        {
            if ((await catalog.FindAsync(version.Table, cancellationToken).ConfigureAwait(false))?.Version == version.Version)
            {
                certain.Add(version);
            }
        }

        read = certain;
    }

    /// <summary>Tables that stand where a relation can: behind FROM, JOIN, TABLE, a comma or a bracket.</summary>
    private static SortedSet<string> NamesIn(string sql, IReadOnlyList<string> tables)
    {
        var tokens = Lexer.Read(sql);
        var found = new SortedSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var index = 1; index < tokens.Count; index++)
        {
            var before = tokens[index - 1];
            if (!(before.Is("FROM") || before.Is("JOIN") || before.Is("TABLE") || before.Is(",") || before.Is("(")))
            {
                continue;
            }

            var at = index;
            while (tokens[at].Kind is TokenKind.Word or TokenKind.QuotedName && tokens[at + 1].Is("."))
            {
                at += 2;
            }

            // Behind a comma or a bracket a bare name is rather a column.
            var isQualified = at > index && string.Equals(tokens[at - 2].Text, SparkLake.Schema, StringComparison.OrdinalIgnoreCase);
            var isBare = at == index && !before.Is(",") && !before.Is("(");
            var isVersioned = tokens[Math.Min(at + 1, tokens.Count - 1)] is var next && (next.Is("VERSION") || next.Is("TIMESTAMP") || next.Is("FOR"));
            if ((isQualified || isBare) && !isVersioned && tables.Contains(tokens[at].Text, StringComparer.OrdinalIgnoreCase))
            {
                found.Add(tokens[at].Text);
            }
        }

        return found;
    }
}
