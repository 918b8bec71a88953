using LogPipeline.Core.Query.SparkSql.Plan;

namespace LogPipeline.Core.Query.SparkSql.Analysis;

/// <summary>A column that a query can name.</summary>
/// <param name="Qualifier">Names before it: an alias, or catalog, schema and table.</param>
/// <param name="Name">Its name here.</param>
/// <param name="Value">What it stands for.</param>
/// <param name="Hidden">Whether <c>*</c> leaves it out: one side of a USING column.</param>
internal sealed record ScopeColumn(IReadOnlyList<string> Qualifier, string Name, TypedExpression Value, bool Hidden = false);

/// <summary>The columns that FROM offers, and the query around it.</summary>
internal sealed class Scope(IReadOnlyList<ScopeColumn> columns, Scope? outer)
{
    public IReadOnlyList<ScopeColumn> Columns { get; } = columns;

    public Scope? Outer { get; } = outer;

    public IEnumerable<ScopeColumn> Visible => Columns.Where(column => !column.Hidden);

    /// <summary>Columns that a dotted name can mean, and how many of its parts are used; the longest qualifier wins.</summary>
    public (IReadOnlyList<ScopeColumn> Found, int Used) Find(IReadOnlyList<string> parts)
    {
        for (var qualifier = Math.Min(3, parts.Count - 1); qualifier >= 0; qualifier--)
        {
            var found = Columns.Where(column => Same(column.Name, parts[qualifier]) && Ends(column.Qualifier, parts, qualifier) && (qualifier > 0 || !column.Hidden)).ToList();
            if (found.Count > 0)
            {
                var distinct = found.DistinctBy(column => column.Value.Key).ToList();
                return (distinct, qualifier + 1);
            }
        }

        return ([], 0);
    }

    /// <summary>The columns of <c>t.*</c>.</summary>
    public IReadOnlyList<ScopeColumn> Star(IReadOnlyList<string> target) =>
        target.Count == 0 ? [.. Visible] : [.. Columns.Where(column => Ends(column.Qualifier, target, target.Count))];

    public static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    private static bool Ends(IReadOnlyList<string> qualifier, IReadOnlyList<string> parts, int count)
    {
        if (qualifier.Count < count)
        {
            return false;
        }

        for (var index = 0; index < count; index++)
        {
            if (!Same(qualifier[qualifier.Count - count + index], parts[index]))
            {
                return false;
            }
        }

        return true;
    }
}
