using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.DuckDb.Generation;

/// <summary>Writes typed expressions; each has exactly the DuckDB type of its Spark type.</summary>
internal sealed class ExpressionWriter(RelationWriter relations)
{
    public string Write(TypedExpression expression)
    {
        switch (expression)
        {
            case LiteralExpression literal:
                return SqlText.Literal(literal);
            case ColumnExpression column:
                return RelationWriter.Name(column.Column);
            case CastExpression cast:
                return CastWriter.Write(Write(cast.Operand), cast.Operand.Type, cast.Type, cast.Try);
            case CaseExpression choice:
                var branches = choice.Branches.Select(branch => $"WHEN {Write(branch.When)} THEN {Write(branch.Then)}");
                return $"CASE {string.Join(' ', branches)} ELSE {(choice.Else is null ? SqlText.Cast("NULL", choice.Type) : Write(choice.Else))} END";
            case FieldExpression field:
                return $"struct_extract({Write(field.Operand)}, {SqlText.Text(field.Name)})";
            case ScalarQueryExpression scalar:
                return $"({relations.Statement(scalar.Query)})";
            case ExistsExpression exists:
                return $"EXISTS ({relations.Statement(exists.Query)})";
            case InQueryExpression query:
                // With nulls in some columns DuckDB gives null where Spark gives false: the same only as a filter.
                return query.Operands.Count == 1 ? InQuery(query) : throw Refuse("IN of several columns other than as a filter");
            case AggregateExpression aggregate:
                return new AggregateWriter(this, relations).Write(aggregate, "");
            case WindowExpression window:
                return new WindowWriter(this, relations).Write(window);
            case CallExpression call:
                return CallText(call);
            default:
                throw new InvalidOperationException($"An expression of {expression.GetType()}.");
        }
    }

    /// <summary>An expression to sort by; values inside arrays and structs are ordered alike only without nulls, so they are refused.</summary>
    public string Sortable(TypedExpression expression) =>
        expression.Type is ArrayType or StructType ? throw Refuse($"Sorting by {expression.Type.SimpleString}") : Write(expression);

    /// <summary>
    /// A condition of a filter. Conditions joined by AND stand side by side, so that DuckDB can use each; one that can fail
    /// is only evaluated where those before it hold, as Spark does.
    /// </summary>
    public string Filter(TypedExpression condition)
    {
        var parts = new List<TypedExpression>();
        Split(condition, parts);
        var written = new List<string>();
        foreach (var part in parts)
        {
            var text = part is InQueryExpression query ? InQuery(query) : Write(part);
            written.Add(written.Count > 0 && CanRaise(part) ? $"CASE WHEN {string.Join(" AND ", written)} THEN {text} ELSE FALSE END" : text);
        }

        return string.Join(" AND ", written);
    }

    public static QueryException Refuse(string what) =>
        new(QueryException.UnsupportedClass, "0A000", $"{what} is not answered by the embedded engine; Spark answers it.");

    private static void Split(TypedExpression condition, List<TypedExpression> parts)
    {
        if (condition is CallExpression { Function: "and" } and)
        {
            Split(and.Arguments[0], parts);
            Split(and.Arguments[1], parts);
        }
        else
        {
            parts.Add(condition);
        }
    }

    /// <summary>Whether evaluating it can fail.</summary>
    public static bool CanRaise(TypedExpression expression) => expression.Any(part => part switch
    {
        CallExpression call => call.Raises,
        CastExpression { Try: false } cast => cast.Operand.Type == DataTypes.String || cast.Type is not PrimitiveType || cast.Type != DataTypes.String,
        ScalarQueryExpression => true,
        _ => false,
    });

    private string InQuery(InQueryExpression query)
    {
        var operands = query.Operands.Select(Write).ToList();
        return $"({(operands.Count == 1 ? operands[0] : $"({string.Join(", ", operands)})")} IN ({relations.Statement(query.Query)}))";
    }

    private string CallText(CallExpression call)
    {
        if (call.Function is "and" or "or")
        {
            return Logic(call);
        }

        var arguments = call.Arguments.Select(Write).ToArray();
        return CallTemplates.Find(call.Function) is { } template
            ? template(new CallParts(call, arguments))
            : throw Refuse($"The function {call.Function}");
    }

    /// <summary>AND and OR; a right side that can fail is only evaluated when the left does not decide.</summary>
    private string Logic(CallExpression call)
    {
        var (left, right) = (Write(call.Arguments[0]), Write(call.Arguments[1]));
        var plain = $"({left} {(call.Function == "and" ? "AND" : "OR")} {right})";
        return !CanRaise(call.Arguments[1]) ? plain
            : call.Function == "and" ? $"CASE WHEN NOT ({left}) THEN FALSE ELSE {plain} END"
            : $"CASE WHEN {left} THEN TRUE ELSE {plain} END";
    }
}

/// <summary>A call and its written arguments.</summary>
internal sealed record CallParts(CallExpression Call, string[] Arguments)
{
    public string this[int index] => Arguments[index];

    public DataType TypeOf(int index) => Call.Arguments[index].Type;

    public long? Constant(int index) => Call.Arguments[index] is LiteralExpression { Value: long value } ? value : null;

    public string? Text(int index) => Call.Arguments[index] is LiteralExpression { Value: string value } ? value : null;

    public bool Flag(int index) => Call.Arguments[index] is LiteralExpression { Value: true };

    /// <summary>A DuckDB function whose result becomes the call's type.</summary>
    public string As(string expression) => SqlText.Cast(expression, Call.Type);
}
