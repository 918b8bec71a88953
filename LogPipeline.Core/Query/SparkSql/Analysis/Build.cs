using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Query.SparkSql.Values;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.SparkSql.Analysis;

/// <summary>Makes typed expressions; constants are folded where the result is certain.</summary>
internal static class Build
{
    public static LiteralExpression Literal(DataType type, object? value) => new(type, value) { Pretty = PrettyText.Of(type, value) };

    public static LiteralExpression Whole(long value) => Literal(DataTypes.Integer, value);

    public static TypedExpression And(TypedExpression left, TypedExpression right) =>
        new CallExpression("and", [left, right], DataTypes.Boolean) { Pretty = $"({left.Pretty} AND {right.Pretty})" };

    public static TypedExpression Not(TypedExpression operand) =>
        new CallExpression("not", [operand], DataTypes.Boolean) { Pretty = $"(NOT {operand.Pretty})" };

    public static FieldExpression Field(TypedExpression operand, StructField field) =>
        new(operand, field.Name, field.Type) { Pretty = $"{operand.Pretty}.{field.Name}" };

    /// <summary>A conversion; the text stays that of the operand, as Spark prints the casts it adds itself.</summary>
    public static TypedExpression Cast(TypedExpression operand, DataType type, bool isTry = false)
    {
        if (operand.Type.Equals(type))
        {
            return operand;
        }

        if (operand is LiteralExpression literal && Fold(literal, type, isTry) is { } folded)
        {
            return folded with { Pretty = operand.Pretty };
        }

        return new CastExpression(operand, type, isTry) { Pretty = operand.Pretty };
    }

    private static LiteralExpression? Fold(LiteralExpression literal, DataType type, bool isTry)
    {
        switch (literal.Value)
        {
            case null:
                return literal with { Type = type };
            case string text:
                var value = SparkCast.FromText(text, type);
                return value is not null ? new LiteralExpression(type, value) : isTry && Coercion.IsAtomic(type) && type is not DecimalType && type != DataTypes.Binary && type != DataTypes.TimestampNtz ? new LiteralExpression(type, null) : null;
            case long whole when Coercion.IsIntegral(literal.Type):
                return FoldWhole(whole, type);
            case SparkDecimal number when type == DataTypes.Double:
                return new LiteralExpression(type, double.Parse(number.ToString(), System.Globalization.CultureInfo.InvariantCulture));
            case SparkDecimal number when type is DecimalType target && target.Scale >= number.Scale && number.WithScale(target.Scale).Fits(target.Precision):
                return new LiteralExpression(type, number.WithScale(target.Scale));
            case long days when literal.Type == DataTypes.Date && type == DataTypes.Timestamp:
                return new LiteralExpression(type, days * SparkDates.MicrosPerDay);
            default:
                return null;
        }
    }

    private static LiteralExpression? FoldWhole(long value, DataType type)
    {
        if (type == DataTypes.Double)
        {
            return new LiteralExpression(type, (double)value);
        }

        if (type is DecimalType target)
        {
            var number = new SparkDecimal(value, 0).WithScale(target.Scale);
            return number.Fits(target.Precision) ? new LiteralExpression(type, number) : null;
        }

        if (type == DataTypes.String)
        {
            return new LiteralExpression(type, value.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        var fits = type == DataTypes.Long
            || type == DataTypes.Integer && value is >= int.MinValue and <= int.MaxValue
            || type == DataTypes.Short && value is >= short.MinValue and <= short.MaxValue
            || type == DataTypes.Byte && value is >= sbyte.MinValue and <= sbyte.MaxValue;
        return fits ? new LiteralExpression(type, value) : null;
    }
}
