namespace LogPipeline.Core.Query.SparkSql.Syntax;

/// <summary>Finds the tables that a statement names, leaving out common table expressions in their scope.</summary>
internal sealed class TableNames
{
    private readonly List<string> _names = [];
    private readonly HashSet<string> _seen = new(StringComparer.OrdinalIgnoreCase);

    public static IReadOnlyList<string> Collect(StatementNode root)
    {
        var names = new TableNames();
        names.Visit(root, []);
        return names._names;
    }

    private void Visit(object node, HashSet<string> commonTables)
    {
        switch (node)
        {
            case TableNode table:
                if (!(table.Parts.Count == 1 && commonTables.Contains(table.Parts[0])) && _seen.Add(table.Name))
                {
                    _names.Add(table.Name);
                }

                return;
            case QueryNode query:
                commonTables = new HashSet<string>(commonTables, StringComparer.OrdinalIgnoreCase);
                foreach (var common in query.CommonTables)
                {
                    Visit(common.Query, commonTables);
                    commonTables.Add(common.Name);
                }

                foreach (var part in SyntaxWalk.Parts(query).Where(part => part is not CommonTableNode))
                {
                    Visit(part, commonTables);
                }

                return;
            default:
                foreach (var part in SyntaxWalk.Parts(node))
                {
                    Visit(part, commonTables);
                }

                return;
        }
    }
}
