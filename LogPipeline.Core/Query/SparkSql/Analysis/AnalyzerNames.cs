using LogPipeline.Core.Query.SparkSql.Functions;
using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Query.SparkSql.Syntax;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.SparkSql.Analysis;

internal sealed partial class Analyzer
{
    /// <summary>Functions that may be called without parentheses.</summary>
    private static readonly HashSet<string> _bareFunctions = new(StringComparer.OrdinalIgnoreCase)
    {
        "current_date", "current_timestamp", "localtimestamp", "current_user", "current_catalog", "current_database", "current_time",
    };

    /// <summary>What a dotted name means: lambda parameter, column, lateral alias, column of an outer query, function.</summary>
    private TypedExpression ResolveName(IReadOnlyList<string> parts, Span span, ExpressionContext within)
    {
        if (within.Parameters.LastOrDefault(parameter => Scope.Same(parameter.Name, parts[0])) is { } lambda)
        {
            return Nested(new ColumnExpression(lambda) { Pretty = $"namedlambdavariable()" }, parts, 1, span);
        }

        if (within.AliasFirst && within.Alias?.Invoke(parts[0]) is { } output)
        {
            return Nested(output, parts, 1, span);
        }

        var own = TryScope(within.Scope, parts, span);
        if (own is not null)
        {
            return own;
        }

        if (!within.AliasFirst && within.Alias?.Invoke(parts[0]) is { } alias)
        {
            return Nested(alias, parts, 1, span);
        }

        for (var outer = within.Scope.Outer; outer is not null; outer = outer.Outer)
        {
            if (TryScope(outer, parts, span) is { } correlated)
            {
                return correlated with { Pretty = $"outer({correlated.Pretty})" };
            }
        }

        if (parts.Count == 1 && _bareFunctions.Contains(parts[0]))
        {
            return Call(new FunctionNode(span, span, parts[0], []), within);
        }

        throw Unresolved(span, parts, Candidates(within.Scope, parts.Count > 1));
    }

    private static IReadOnlyList<string> Candidates(Scope scope, bool qualified) =>
        [.. scope.Columns.Select(column => qualified && column.Qualifier.Count > 0 ? $"{column.Qualifier[^1]}.{column.Name}" : column.Name)];

    private QueryException Unresolved(Span span, IReadOnlyList<string> parts, IReadOnlyList<string> candidates)
    {
        var written = string.Join('.', parts);
        var quoted = string.Join('.', parts.Select(part => $"`{part}`"));
        if (candidates.Count == 0)
        {
            return Error(span, "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", "42703", $"A column, variable, or function parameter with name {quoted} cannot be resolved.");
        }

        var similar = Similar.Names(written, candidates);
        return Error(span, "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703", $"A column, variable, or function parameter with name {quoted} cannot be resolved. Did you mean one of the following? [{string.Join(", ", similar.Select(name => string.Join('.', name.Split('.').Select(part => $"`{part}`"))))}].", similar);
    }

    private TypedExpression? TryScope(Scope scope, IReadOnlyList<string> parts, Span span)
    {
        var (found, used) = scope.Find(parts);
        if (found.Count == 0)
        {
            return null;
        }

        if (found.Count > 1)
        {
            var options = found.Select(column => string.Join('.', column.Qualifier.Append(column.Name))).ToList();
            throw Error(span, "AMBIGUOUS_REFERENCE", "42704", $"Reference {string.Join('.', parts.Select(part => $"`{part}`"))} is ambiguous, could be: [{string.Join(", ", options.Select(option => string.Join('.', option.Split('.').Select(part => $"`{part}`"))))}].", options);
        }

        var value = found[0].Value;
        return Nested(value is ColumnExpression ? value with { Pretty = parts[used - 1] } : value, parts, used, span);
    }

    /// <summary>Fields after a column: <c>geo.country</c>; of a map the value of the key, of an array of structs the field of each.</summary>
    private TypedExpression Nested(TypedExpression value, IReadOnlyList<string> parts, int used, Span span)
    {
        for (var index = used; index < parts.Count; index++)
        {
            value = Extract(value, parts[index], span);
        }

        return value;
    }

    private TypedExpression Extract(TypedExpression value, string name, Span span)
    {
        switch (value.Type)
        {
            case StructType row:
                var matches = row.Fields.Where(field => Scope.Same(field.Name, name)).ToList();
                return matches.Count switch
                {
                    1 => Build.Field(value, matches[0]),
                    0 => throw Error(span, "FIELD_NOT_FOUND", "42704", $"No such struct field `{name}` in {string.Join(", ", row.Fields.Select(field => $"`{field.Name}`"))}.", Similar.Names(name, row.Fields.Select(field => field.Name))),
                    _ => throw Error(span, "AMBIGUOUS_REFERENCE_TO_FIELDS", "42000", $"Ambiguous reference to the field `{name}`. It appears {matches.Count} times in the schema."),
                };
            case MapType { Key: var key } map when key == DataTypes.String:
                return new CallExpression("map_get", [value, Build.Literal(DataTypes.String, name)], map.Value) { Pretty = $"{value.Pretty}[{name}]" };
            case ArrayType { Element: StructType }:
                throw Unsupported(span, "A field of an array of structs");
            case ArrayType or MapType:
                throw Unsupported(span, "This extraction");
            default:
                throw Error(span, "INVALID_EXTRACT_BASE_FIELD_TYPE", "42000", $"Can't extract a value from \"{value.Pretty}\". Need a complex type [STRUCT, ARRAY, MAP] but got \"{PrettyText.Of(value.Type)}\".");
        }
    }

    private FunctionDefinition Function(FunctionNode node)
    {
        if (FunctionLibrary.Find(node.Name) is { } known)
        {
            return known;
        }

        if (SparkFunctionIndex.Contains(node.Name))
        {
            throw Unsupported(node.NameSpan, $"The function {node.Name.ToLowerInvariant()}");
        }

        var similar = Similar.Names(node.Name, FunctionLibrary.All.Select(function => function.Name));
        throw Error(node.NameSpan, "UNRESOLVED_ROUTINE", "42883", $"Cannot resolve routine `{node.Name}` on search path [`system`.`builtin`, `system`.`session`, `spark_catalog`.`default`].", similar);
    }
}
