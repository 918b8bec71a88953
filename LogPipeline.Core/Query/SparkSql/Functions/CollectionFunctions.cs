using LogPipeline.Core.Query.SparkSql.Analysis;
using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Types;
using static LogPipeline.Core.Query.SparkSql.Functions.FunctionKind;

namespace LogPipeline.Core.Query.SparkSql.Functions;

/// <summary>Functions of arrays, maps and structs.</summary>
internal static class CollectionFunctions
{
    public static IReadOnlyList<FunctionDefinition> All { get; } =
    [
        new("array", Scalar, 0, int.MaxValue, "array(a, b, …)", "An array of values.", MakeArray),
        new("struct", Scalar, 1, int.MaxValue, "struct(a, b, …)", "A struct of values.", MakeStruct),
        new("named_struct", Scalar, 2, int.MaxValue, "named_struct(name, value, …)", "A struct with names.", NamedStruct),
        new("size", Scalar, 1, 1, "size(array)", "Items of an array or map; null of null.", Size) { Aliases = ["cardinality"] },
        new("array_size", Scalar, 1, 1, "array_size(array)", "Items of an array.", call => call[0].Type is ArrayType || call[0].Type == DataTypes.Null ? Size(call) : throw call.WrongType(0, "ARRAY")),
        new("array_contains", Scalar, 2, 2, "array_contains(array, value)", "Whether an array has a value; null when only a null could be it.", Contains),
        new("element_at", Scalar, 2, 2, "element_at(array, place) | element_at(map, key)", "An item, places from 1, or from the end when negative.", ElementAt),
        new("get", Scalar, 2, 2, "get(array, index)", "An item, indexes from 0; null outside.", call => call[0].Type is ArrayType array ? call.Make("array_get_or_null", array.Element, call[0], call.Long(1)) : throw call.WrongType(0, "ARRAY")),
        new("map_keys", Scalar, 1, 1, "map_keys(map)", "Keys.", call => call[0].Type is MapType map ? call.Make("map_keys", new ArrayType(map.Key, false), call[0]) : throw call.WrongType(0, "MAP")),
        new("map_values", Scalar, 1, 1, "map_values(map)", "Values.", call => call[0].Type is MapType map ? call.Make("map_values", new ArrayType(map.Value), call[0]) : throw call.WrongType(0, "MAP")),
        new("map_contains_key", Scalar, 2, 2, "map_contains_key(map, key)", "Whether a map has a key.", call => call[0].Type is MapType map && map.Key.Equals(call[1].Type) ? call.Make("map_contains_key", DataTypes.Boolean, call[0], call[1]) : throw call.Refuse("map_contains_key of these types")),
        new("array_join", Scalar, 2, 3, "array_join(array, delimiter[, null])", "Texts joined; nulls left out or replaced.", call => call[0].Type is ArrayType { Element: var element } && element == DataTypes.String ? call.Make("array_join", DataTypes.String, [call[0], call.Text(1), .. call.Count > 2 ? [call.Text(2)] : Array.Empty<TypedExpression>()]) : throw call.Refuse("array_join of this type")),
        new("sort_array", Scalar, 1, 2, "sort_array(array[, ascending])", "Sorted, nulls first when ascending.", SortArray),
    ];

    private static CallExpression MakeArray(FunctionCall call)
    {
        var type = call.Count == 0 ? DataTypes.Null : call.Analyzer.Common("array", call.Arguments, call.Span, call.Pretty);
        return call.Make("array", new ArrayType(type), [.. call.Arguments.Select(argument => Build.Cast(argument, type))]);
    }

    private static CallExpression MakeStruct(FunctionCall call)
    {
        var fields = call.Arguments.Select((argument, index) => new StructField(NameOf(call, index, argument), argument.Type)).ToList();
        return call.Make("struct", new StructType(fields), [.. call.Arguments]);
    }

    private static string NameOf(FunctionCall call, int index, TypedExpression argument) => argument switch
    {
        _ when call.Node.Arguments.Count == call.Count && call.Node.Arguments[index] is Syntax.NamedNode named => named.Name,
        ColumnExpression column when call.Node.Arguments.Count != call.Count => column.Column.Name,
        ColumnExpression => argument.Pretty,
        FieldExpression field => field.Name,
        _ => $"col{index + 1}",
    };

    private static CallExpression NamedStruct(FunctionCall call)
    {
        if (call.Count % 2 != 0)
        {
            throw call.Analyzer.Error(call.Span, "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "42605", $"The `named_struct` requires 2n (n > 0) parameters but the actual number is {call.Count}.");
        }

        var fields = new List<StructField>();
        for (var index = 0; index < call.Count; index += 2)
        {
            fields.Add(new StructField(call.ConstantText(index) ?? throw call.Refuse("named_struct with a computed name"), call[index + 1].Type));
        }

        return call.Make("struct", new StructType(fields), [.. call.Arguments.Where((_, index) => index % 2 == 1)]);
    }

    private static TypedExpression Size(FunctionCall call) => call[0].Type switch
    {
        ArrayType => call.Make("array_size", DataTypes.Integer, call[0]),
        MapType => call.Make("map_size", DataTypes.Integer, call[0]),
        var type when type == DataTypes.Null => Build.Literal(DataTypes.Integer, null) with { Pretty = call.Pretty },
        _ => throw call.WrongType(0, "ARRAY\" or \"MAP"),
    };

    private static CallExpression Contains(FunctionCall call)
    {
        if (call[0].Type is not ArrayType array)
        {
            throw call.WrongType(0, "ARRAY");
        }

        var type = Coercion.Wider(array.Element, call[1].Type);
        return type is not null && Coercion.IsAtomic(type) && type.Equals(array.Element) && call[1].Type != DataTypes.Null
            ? call.Make("array_contains", DataTypes.Boolean, call[0], Build.Cast(call[1], type))
            : throw call.Refuse("array_contains of these types");
    }

    private static CallExpression ElementAt(FunctionCall call)
    {
        switch (call[0].Type)
        {
            case ArrayType array:
                return call.MakeRaising("element_at", array.Element, call[0], call.Int(1));
            case MapType map when map.Key.Equals(call[1].Type):
                return call.Make("map_get", map.Value, call[0], call[1]);
            default:
                throw call.Refuse("element_at of these types");
        }
    }

    private static CallExpression SortArray(FunctionCall call)
    {
        var ascending = call.Count < 2 ? true : call[1] is LiteralExpression { Value: bool flag } ? flag : throw call.Refuse("sort_array with a computed order");
        return call[0].Type is ArrayType array && Coercion.IsAtomic(array.Element)
            ? call.Make("sort_array", array, call[0], Build.Literal(DataTypes.Boolean, ascending)) with { Pretty = $"sort_array({call[0].Pretty}, {(ascending ? "true" : "false")})" }
            : throw call.Refuse("sort_array of this type");
    }
}
