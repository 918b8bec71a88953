namespace LogPipeline.Core.Query.SparkSql.Syntax;

/// <summary>Walks syntax by the properties of its records, so that no kind of node can be forgotten.</summary>
internal static class SyntaxWalk
{
    /// <summary>Every node below and with a root.</summary>
    public static IEnumerable<object> Nodes(object root) => Parts(root).SelectMany(Nodes).Prepend(root);

    /// <summary>Nodes on the longest way down from a root, found without descending on the stack.</summary>
    public static int Depth(object root)
    {
        var depth = 0;
        for (List<object> level = [root]; level.Count > 0; level = [.. level.SelectMany(Parts)])
        {
            depth++;
        }

        return depth;
    }

    /// <summary>The nodes that a node holds directly, in lists and pairs too.</summary>
    public static IEnumerable<object> Parts(object node) => node.GetType().GetProperties()
        .Where(property => property.GetIndexParameters().Length == 0)
        .SelectMany(property => Unfold(property.GetValue(node)));

    private static IEnumerable<object> Unfold(object? value) => value switch
    {
        null or string or Span or byte[] => [],
        System.Collections.IEnumerable items => items.Cast<object?>().SelectMany(Unfold),
        System.Runtime.CompilerServices.ITuple pair => Enumerable.Range(0, pair.Length).SelectMany(index => Unfold(pair[index])),
        _ => value.GetType().Namespace == typeof(SyntaxWalk).Namespace ? [value] : [],
    };
}
