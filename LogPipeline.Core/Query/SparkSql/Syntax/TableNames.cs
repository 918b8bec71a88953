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

    /// <summary>Walks records of syntax by their properties, so that no kind of node can be forgotten.</summary>
    private void Visit(object? node, HashSet<string> commonTables)
    {
        switch (node)
        {
            case null or string or bool or Span:
                return;
            case TableNode table:
                if (!(table.Parts.Count == 1 && commonTables.Contains(table.Parts[0])) && _seen.Add(table.Name))
                {
                    _names.Add(table.Name);
                }

                return;
            case QueryNode query:
                var inner = new HashSet<string>(commonTables, StringComparer.OrdinalIgnoreCase);
                foreach (var common in query.CommonTables)
                {
                    Visit(common.Query, inner);
                    inner.Add(common.Name);
                }

                Visit(query.Body, inner);
                Visit(query.Order, inner);
                Visit(query.OrderAllItem, inner);
                Visit(query.Limit, inner);
                Visit(query.Offset, inner);
                return;
            case System.Collections.IEnumerable items:
                foreach (var item in items)
                {
                    Visit(item, commonTables);
                }

                return;
            case System.Runtime.CompilerServices.ITuple pair:
                for (var index = 0; index < pair.Length; index++)
                {
                    Visit(pair[index], commonTables);
                }

                return;
            default:
                if (node.GetType().Namespace == typeof(TableNames).Namespace)
                {
                    foreach (var property in node.GetType().GetProperties())
                    {
                        if (property.GetIndexParameters().Length == 0)
                        {
                            Visit(property.GetValue(node), commonTables);
                        }
                    }
                }

                return;
        }
    }
}
