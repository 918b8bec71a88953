using LogPipeline.Core.Query.SparkSql.Analysis;
using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Query.SparkSql.Syntax;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.SparkSql.Functions;

/// <summary>A call being typed: the arguments, and ways to turn them into what the function wants.</summary>
internal sealed class FunctionCall(Analyzer analyzer, FunctionNode node, string name, IReadOnlyList<TypedExpression> arguments)
{
    public Analyzer Analyzer { get; } = analyzer;

    public FunctionNode Node { get; } = node;

    /// <summary>The name as written, in lower case.</summary>
    public string Name { get; } = name;

    public IReadOnlyList<TypedExpression> Arguments { get; } = arguments;

    public int Count => Arguments.Count;

    public TypedExpression this[int index] => Arguments[index];

    public Span Span => Node.Span;

    /// <summary>How Spark prints the call.</summary>
    public string Pretty => $"{Name}({(Node.Distinct ? "DISTINCT " : "")}{string.Join(", ", Arguments.Select(argument => argument.Pretty))})";

    /// <summary>An argument as a type; an error when Spark would not convert it by itself.</summary>
    public TypedExpression Want(int index, DataType type) => Analyzer.Want(Arguments[index], type, Span, Pretty, index + 1);

    public TypedExpression Text(int index) => Want(index, DataTypes.String);

    public TypedExpression Int(int index) => Want(index, DataTypes.Integer);

    public TypedExpression Long(int index) => Want(index, DataTypes.Long);

    public TypedExpression Double(int index) => Want(index, DataTypes.Double);

    public TypedExpression Timestamp(int index) => Want(index, DataTypes.Timestamp);

    public TypedExpression Date(int index) =>
        Arguments[index].Type == DataTypes.Timestamp || Arguments[index].Type == DataTypes.TimestampNtz ? Build.Cast(Arguments[index], DataTypes.Date) : Want(index, DataTypes.Date);

    /// <summary>An argument as a number; text becomes a double.</summary>
    public TypedExpression Number(int index)
    {
        var argument = Arguments[index];
        if (argument.Type == DataTypes.String || argument.Type == DataTypes.Null)
        {
            return Build.Cast(argument, DataTypes.Double);
        }

        return Coercion.IsNumeric(argument.Type) ? argument : throw WrongType(index, "NUMERIC");
    }

    public QueryException WrongType(int index, string wanted)
    {
        var ordinal = index switch { 0 => "first", 1 => "second", 2 => "third", _ => $"{index + 1}th" };
        return Analyzer.Mismatch(Span, "UNEXPECTED_INPUT_TYPE", Pretty, $"The {ordinal} parameter requires the \"{wanted}\" type, however \"{Arguments[index].Pretty}\" has the type \"{PrettyText.Of(Arguments[index].Type)}\"");
    }

    /// <summary>The constant whole number of an argument, or null when it is none.</summary>
    public long? Constant(int index) => Arguments[index] is LiteralExpression { Value: long value } ? value : null;

    public string? ConstantText(int index) => Arguments[index] is LiteralExpression { Value: string value } ? value : null;

    public QueryException Refuse(string what) => Analyzer.Unsupported(Span, what);

    public CallExpression Make(string function, DataType type, params IReadOnlyList<TypedExpression> arguments) =>
        new(function, arguments, type) { Pretty = Pretty };

    public CallExpression MakeRaising(string function, DataType type, params IReadOnlyList<TypedExpression> arguments) =>
        new(function, arguments, type) { Pretty = Pretty, Raises = true };

    public AggregateExpression Aggregate(string function, DataType type, params IReadOnlyList<TypedExpression> arguments) =>
        new(function, arguments, type) { Pretty = Pretty };
}
