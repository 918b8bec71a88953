using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Query.SparkSql.Syntax;
using LogPipeline.Core.Query.SparkSql.Values;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.SparkSql.Analysis;

internal sealed partial class Analyzer
{
    internal TypedExpression Binary(string symbol, TypedExpression left, TypedExpression right, Span span)
    {
        switch (symbol)
        {
            case "AND" or "OR":
                var pretty = $"({left.Pretty} {symbol} {right.Pretty})";
                return new CallExpression(symbol == "AND" ? "and" : "or", [WantBoolean(left, right, pretty, span), WantBoolean(right, left, pretty, span)], DataTypes.Boolean) { Pretty = pretty };
            case "=" or "<>" or "<" or "<=" or ">" or ">=" or "<=>":
                return Comparison(symbol, left, right, span);
            case "+" or "-" or "*" or "/" or "%" or "DIV":
                return Arithmetic(symbol, left, right, span);
            case "||":
                return Concat(left, right, span);
            case "&" or "|" or "^":
                return Bits(symbol, left, right, span);
            default:
                return Shift(symbol, left, right, span);
        }
    }

    private TypedExpression WantBoolean(TypedExpression value, TypedExpression other, string pretty, Span span) =>
        value.Type == DataTypes.Boolean || value.Type == DataTypes.Null
            ? Build.Cast(value, DataTypes.Boolean)
            : value is LiteralExpression { Value: string } ? Want(value, DataTypes.Boolean, span, pretty, 1)
            : throw DifferentTypes(pretty, value, other, span);

    private QueryException DifferentTypes(string pretty, TypedExpression left, TypedExpression right, Span span) =>
        Mismatch(span, left.Type.Equals(right.Type) || right.Type == DataTypes.Null ? "BINARY_OP_WRONG_TYPE" : "BINARY_OP_DIFF_TYPES", pretty, $"the left and right operands of the binary operator have incompatible types (\"{PrettyText.Of(left.Type)}\" and \"{PrettyText.Of(right.Type)}\")");

    private TypedExpression Comparison(string symbol, TypedExpression left, TypedExpression right, Span span)
    {
        var pretty = symbol == "<>" ? $"(NOT ({left.Pretty} = {right.Pretty}))" : $"({left.Pretty} {symbol} {right.Pretty})";
        var type = Coercion.Wider(left.Type, right.Type)
            ?? (left.Type is StructType a && right.Type is StructType b ? WiderByPlace(a, b) : null)
            ?? throw DifferentTypes(pretty, left, right, span);
        RequireComparable(symbol, type, pretty, span);
        return Compare(symbol, Build.Cast(left, type), Build.Cast(right, type)) with { Pretty = pretty };
    }

    /// <summary>Structs compare field by field whatever the names.</summary>
    private static StructType? WiderByPlace(StructType a, StructType b) =>
        a.Fields.Count == b.Fields.Count && a.Fields.Zip(b.Fields).All(pair => pair.First.Type.Equals(pair.Second.Type)) ? a : null;

    private void RequireComparable(string symbol, DataType type, string pretty, Span span)
    {
        if (!Coercion.IsOrderable(type))
        {
            throw Mismatch(span, "INVALID_ORDERING_TYPE", pretty, $"The `{symbol}` does not support ordering on type \"{PrettyText.Of(type)}\"");
        }
    }

    private static CallExpression Compare(string symbol, TypedExpression left, TypedExpression right) =>
        new CallExpression(symbol, [left, right], DataTypes.Boolean) { Pretty = $"({left.Pretty} {symbol} {right.Pretty})" };

    private TypedExpression Arithmetic(string symbol, TypedExpression left, TypedExpression right, Span span)
    {
        var pretty = symbol == "DIV" ? $"({left.Pretty} div {right.Pretty})" : $"({left.Pretty} {symbol} {right.Pretty})";
        if (left.Type is IntervalType || right.Type is IntervalType || Coercion.IsDatetime(left.Type) || Coercion.IsDatetime(right.Type))
        {
            return Moment(symbol, left, right, pretty, span);
        }

        if (left.Type == DataTypes.Null && right.Type == DataTypes.Null)
        {
            (left, right) = (Build.Cast(left, DataTypes.Double), Build.Cast(right, DataTypes.Double));
        }

        left = left.Type == DataTypes.Null ? Build.Cast(left, right.Type) : left;
        right = right.Type == DataTypes.Null ? Build.Cast(right, left.Type) : right;
        if (left.Type == DataTypes.String && right.Type == DataTypes.String)
        {
            (left, right) = (Build.Cast(left, DataTypes.Double), Build.Cast(right, DataTypes.Double));
        }
        else if ((left.Type == DataTypes.String && Coercion.IsNumeric(right.Type)) || (right.Type == DataTypes.String && Coercion.IsNumeric(left.Type)))
        {
            var meeting = Coercion.Wider(left.Type, right.Type)!;
            (left, right) = (Build.Cast(left, meeting), Build.Cast(right, meeting));
        }

        if (!Coercion.IsNumeric(left.Type) || !Coercion.IsNumeric(right.Type))
        {
            throw DifferentTypes(pretty, left, right, span);
        }

        if (symbol == "DIV")
        {
            return Divide(left, right, pretty, span);
        }

        var anyFloat = left.Type == DataTypes.Double || right.Type == DataTypes.Double || left.Type == DataTypes.Float || right.Type == DataTypes.Float;
        if (!anyFloat && (left.Type is DecimalType || right.Type is DecimalType))
        {
            return DecimalArithmetic(symbol, left, right, pretty, span);
        }

        var type = symbol == "/" ? DataTypes.Double : Coercion.Wider(left.Type, right.Type)!;
        return new CallExpression(symbol, [Build.Cast(left, type), Build.Cast(right, type)], type)
        {
            Pretty = pretty,
            Raises = symbol is "/" or "%" || Coercion.IsIntegral(type),
        };
    }

    private CallExpression Divide(TypedExpression left, TypedExpression right, string pretty, Span span) =>
        Coercion.IsIntegral(left.Type) && Coercion.IsIntegral(right.Type)
            ? new CallExpression("div", [Build.Cast(left, DataTypes.Long), Build.Cast(right, DataTypes.Long)], DataTypes.Long) { Pretty = pretty, Raises = true }
            : throw Unsupported(span, "DIV of numbers with a fraction");

    /// <summary>Decimals keep their own precisions; a whole constant counts with the digits that it has.</summary>
    private CallExpression DecimalArithmetic(string symbol, TypedExpression left, TypedExpression right, string pretty, Span span)
    {
        var (a, b) = (AsDecimal(left), AsDecimal(right));
        var (first, second) = ((DecimalType)a.Type, (DecimalType)b.Type);
        var natural = Coercion.DecimalNatural(symbol, first, second);
        var type = Coercion.DecimalResult(symbol, first, second);
        if (natural.Precision > 38 && symbol != "/")
        {
            throw Unsupported(span, "Decimal arithmetic beyond 38 digits");
        }

        return new CallExpression(symbol, [a, b], type) { Pretty = pretty, Raises = true };
    }

    private static TypedExpression AsDecimal(TypedExpression value)
    {
        if (value.Type is DecimalType)
        {
            return value;
        }

        var type = value is LiteralExpression { Value: long whole } ? new DecimalType(new SparkDecimal(whole, 0).Precision, 0) : Coercion.DecimalFor(value.Type);
        return Build.Cast(value, type);
    }

    /// <summary>Arithmetic with dates, timestamps and intervals.</summary>
    private TypedExpression Moment(string symbol, TypedExpression left, TypedExpression right, string pretty, Span span)
    {
        if (symbol == "+" && right.Type is not IntervalType && left.Type is IntervalType)
        {
            return Shifted(right, left, false, pretty, span);
        }

        if (symbol == "+" && Coercion.IsDatetime(right.Type) && Coercion.IsIntegral(left.Type))
        {
            return Shifted(right, left, false, pretty, span);
        }

        if (symbol is "+" or "-" && Coercion.IsDatetime(left.Type) && (right.Type is IntervalType || Coercion.IsIntegral(right.Type)))
        {
            return Shifted(left, right, symbol == "-", pretty, span);
        }

        if (symbol == "-" && Coercion.IsDatetime(left.Type) && (Coercion.IsDatetime(right.Type) || right.Type == DataTypes.String))
        {
            return Difference(left, right, pretty);
        }

        if (symbol == "-" && left.Type == DataTypes.String && right.Type is PrimitiveType && Coercion.IsDatetime(right.Type))
        {
            return Difference(Build.Cast(left, right.Type), right, pretty);
        }

        if (symbol is "+" or "-" && left.Type is IntervalType && right.Type is IntervalType)
        {
            var type = Coercion.Wider(left.Type, right.Type) ?? throw DifferentTypes(pretty, left, right, span);
            return new CallExpression(symbol, [left, right], type) { Pretty = pretty, Raises = true };
        }

        if (symbol == "*" && (left.Type is IntervalType ? right : left) is var factor && Coercion.IsIntegral(factor.Type))
        {
            var interval = (IntervalType)(left.Type is IntervalType ? left.Type : right.Type);
            var whole = interval.IsYearMonth ? new IntervalType("YEAR", "MONTH") : new IntervalType("DAY", "SECOND");
            return new CallExpression("interval_multiply", [left.Type is IntervalType ? left : right, Build.Cast(factor, DataTypes.Long)], whole) { Pretty = pretty, Raises = true };
        }

        throw symbol is "*" or "/" && (left.Type is IntervalType || right.Type is IntervalType)
            ? Unsupported(span, "This arithmetic with an interval")
            : DifferentTypes(pretty, left, right, span);
    }

    /// <summary>A date or timestamp moved by an interval, or a date by days.</summary>
    private TypedExpression Shifted(TypedExpression moment, TypedExpression by, bool back, string pretty, Span span)
    {
        if (Coercion.IsIntegral(by.Type))
        {
            if (moment.Type != DataTypes.Date || by.Type == DataTypes.Long)
            {
                throw DifferentTypes(pretty, moment, by, span);
            }

            return new CallExpression(back ? "date_sub" : "date_add", [moment, Build.Cast(by, DataTypes.Integer)], DataTypes.Date) { Pretty = $"date_{(back ? "sub" : "add")}({moment.Pretty}, {by.Pretty})", Raises = true };
        }

        var operation = back ? " - " : " + ";
        pretty = $"{moment.Pretty}{operation}{by.Pretty}";
        var interval = (IntervalType)by.Type;
        if (moment.Type == DataTypes.Date && interval is { IsYearMonth: false, From: "DAY", To: "DAY" })
        {
            return new CallExpression("date_add_interval", [moment, by, Build.Literal(DataTypes.Boolean, back)], DataTypes.Date) { Pretty = pretty, Raises = true };
        }

        if (moment.Type == DataTypes.Date && !interval.IsYearMonth)
        {
            moment = Build.Cast(moment, DataTypes.Timestamp);
        }

        if (moment is LiteralExpression { Value: long at } && by is LiteralExpression { Value: long micros } && !interval.IsYearMonth && moment.Type != DataTypes.Date)
        {
            return new LiteralExpression(moment.Type, back ? at - micros : at + micros) { Pretty = pretty };
        }

        var name = interval.IsYearMonth ? "add_months_interval" : "timestamp_add_interval";
        return new CallExpression(name, [moment, by, Build.Literal(DataTypes.Boolean, back)], moment.Type) { Pretty = pretty, Raises = true };
    }

    private static CallExpression Difference(TypedExpression left, TypedExpression right, string pretty)
    {
        right = right.Type == DataTypes.String ? Build.Cast(right, left.Type) : right;
        if (left.Type == DataTypes.Date && right.Type == DataTypes.Date)
        {
            return new CallExpression("date_minus", [left, right], new IntervalType("DAY", "DAY")) { Pretty = pretty };
        }

        var type = Coercion.Wider(left.Type, right.Type)!;
        return new CallExpression("timestamp_minus", [Build.Cast(left, type), Build.Cast(right, type)], new IntervalType("DAY", "SECOND")) { Pretty = pretty, Raises = true };
    }

    private CallExpression Concat(TypedExpression left, TypedExpression right, Span span)
    {
        var pretty = $"concat({left.Pretty}, {right.Pretty})";
        if (left.Type is ArrayType || right.Type is ArrayType)
        {
            var type = Common("concat", [left, right], span, pretty);
            return new CallExpression("concat", [Build.Cast(left, type), Build.Cast(right, type)], type) { Pretty = pretty };
        }

        if (left.Type == DataTypes.Binary && right.Type == DataTypes.Binary)
        {
            return new CallExpression("concat", [left, right], DataTypes.Binary) { Pretty = pretty };
        }

        return new CallExpression("concat", [Want(left, DataTypes.String, span, pretty, 1), Want(right, DataTypes.String, span, pretty, 2)], DataTypes.String) { Pretty = pretty };
    }

    private CallExpression Bits(string symbol, TypedExpression left, TypedExpression right, Span span)
    {
        var pretty = $"({left.Pretty} {symbol} {right.Pretty})";
        if (!Coercion.IsIntegral(left.Type) || !Coercion.IsIntegral(right.Type))
        {
            throw DifferentTypes(pretty, left, right, span);
        }

        var type = Coercion.Wider(left.Type, right.Type)!;
        var name = symbol switch { "&" => "bit_and_op", "|" => "bit_or_op", _ => "bit_xor_op" };
        return new CallExpression(name, [Build.Cast(left, type), Build.Cast(right, type)], type) { Pretty = pretty };
    }

    private CallExpression Shift(string symbol, TypedExpression left, TypedExpression right, Span span) =>
        throw Unsupported(span, $"The operator {symbol} of {left.Type} and {right.Type}");
}
