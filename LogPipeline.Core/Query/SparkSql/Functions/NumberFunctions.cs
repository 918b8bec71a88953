using LogPipeline.Core.Query.SparkSql.Analysis;
using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Types;
using static LogPipeline.Core.Query.SparkSql.Functions.FunctionKind;

namespace LogPipeline.Core.Query.SparkSql.Functions;

/// <summary>Functions of numbers.</summary>
internal static class NumberFunctions
{
    public static IReadOnlyList<FunctionDefinition> All { get; } =
    [
        new("abs", Scalar, 1, 1, "abs(number)", "Without its sign.", call => call.MakeRaising("abs", call.Number(0).Type, call.Number(0))),
        new("sign", Scalar, 1, 1, "sign(number)", "-1.0, 0.0 or 1.0.", call => call.Make("sign", DataTypes.Double, call.Double(0)) with { Pretty = $"{(call.Name == "sign" ? "sign" : "SIGNUM")}({call[0].Pretty})" }) { Aliases = ["signum"] },
        new("negative", Scalar, 1, 1, "negative(number)", "With the other sign.", call => call.MakeRaising("negative", call.Number(0).Type, call.Number(0))),
        new("positive", Scalar, 1, 1, "positive(number)", "The number itself.", call => call.Number(0) with { Pretty = $"(+ {call[0].Pretty})" }),
        new("round", Scalar, 1, 2, "round(number[, places])", "Rounded half away from zero.", call => Round(call, "round")),
        new("bround", Scalar, 1, 2, "bround(number[, places])", "Rounded half to even.", call => Round(call, "bround")),
        new("ceil", Scalar, 1, 2, "ceil(number)", "The next whole number above.", call => Whole(call, "ceil")) { Aliases = ["ceiling"] },
        new("floor", Scalar, 1, 2, "floor(number)", "The next whole number below.", call => Whole(call, "floor")),
        new("mod", Scalar, 2, 2, "mod(a, b)", "The rest of a division, with the sign of a.", call => call.Analyzer.Binary("%", call[0], call[1], call.Span) with { Pretty = $"mod({call[0].Pretty}, {call[1].Pretty})" }),
        new("pmod", Scalar, 2, 2, "pmod(a, b)", "The rest of a division, positive for a positive b.", Pmod),
        new("div", Scalar, 2, 2, "div(a, b)", "Whole quotient.", call => call.Analyzer.Binary("DIV", call[0], call[1], call.Span)),
        Double("sqrt", "Square root; NaN of a negative number."),
        Double("cbrt", "Cube root."),
        Double("exp", "e to the power of a number."),
        Double("ln", "Natural logarithm; null of 0 and below."),
        Double("log10", "Logarithm to base 10; null of 0 and below."),
        Double("log2", "Logarithm to base 2; null of 0 and below."),
        Double("sin", "Sine."),
        Double("cos", "Cosine."),
        Double("tan", "Tangent."),
        Double("atan", "Arc tangent."),
        Double("degrees", "Radians as degrees."),
        Double("radians", "Degrees as radians."),
        Double("rint", "The nearest whole number, half to even, as a double."),
        new("log", Scalar, 1, 2, "log([base, ]x)", "Logarithm, natural without a base; null of 0 and below.", call => call.Count == 1 ? call.Make("ln", DataTypes.Double, call.Double(0)) : call.Make("log", DataTypes.Double, call.Double(0), call.Double(1)) with { Pretty = $"LOG({call[0].Pretty}, {call[1].Pretty})" }),
        new("pow", Scalar, 2, 2, "pow(x, y)", "x to the power of y.", call => call.Make("pow", DataTypes.Double, call.Double(0), call.Double(1)) with { Pretty = $"{(call.Name == "pow" ? "pow" : "POWER")}({call[0].Pretty}, {call[1].Pretty})" }) { Aliases = ["power"] },
        new("atan2", Scalar, 2, 2, "atan2(y, x)", "Angle of a point.", call => call.Make("atan2", DataTypes.Double, call.Double(0), call.Double(1)) with { Pretty = $"ATAN2({call[0].Pretty}, {call[1].Pretty})" }),
        new("pi", Scalar, 0, 0, "pi()", "3.141592653589793.", call => Build.Literal(DataTypes.Double, Math.PI) with { Pretty = "PI()" }),
        new("e", Scalar, 0, 0, "e()", "2.718281828459045.", call => Build.Literal(DataTypes.Double, Math.E) with { Pretty = "E()" }),
        new("isnan", Scalar, 1, 1, "isnan(x)", "Whether a number is NaN; false for null.", call => call.Make("isnan", DataTypes.Boolean, call.Double(0))),
        new("nanvl", Scalar, 2, 2, "nanvl(a, b)", "a, or b when a is NaN.", call => call.Make("nanvl", DataTypes.Double, call.Double(0), call.Double(1))),
        new("bit_count", Scalar, 1, 1, "bit_count(n)", "Bits that are set.", call => Coercion.IsIntegral(call[0].Type) ? call.Make("bit_count", DataTypes.Integer, call.Long(0)) : throw call.Refuse("bit_count of this type")),
        new("hex", Scalar, 1, 1, "hex(n)", "Hexadecimal digits of a number, text or binary.", call => call.Make("hex", DataTypes.String, Coercion.IsIntegral(call[0].Type) ? call.Long(0) : call[0].Type == DataTypes.String || call[0].Type == DataTypes.Binary ? call[0] : throw call.Refuse("hex of this type"))),
        new("bin", Scalar, 1, 1, "bin(n)", "Binary digits.", call => call.Make("bin", DataTypes.String, call.Long(0))),
        new("conv", Scalar, 3, 3, "conv(text, from, to)", "A number from one base in another.", call => call.Make("conv", DataTypes.String, call.Text(0), call.Int(1), call.Int(2))),
        Extreme("greatest", "The greatest; nulls are left out."),
        Extreme("least", "The least; nulls are left out."),
        new("width_bucket", Scalar, 4, 4, "width_bucket(value, low, high, buckets)", "Which of equal buckets a value falls into.", call => call.Make("width_bucket", DataTypes.Long, call.Double(0), call.Double(1), call.Double(2), call.Long(3))),
        new("try_divide", Scalar, 2, 2, "try_divide(a, b)", "Quotient; null when b is 0.", TryDivide),
        Try("try_add", "+", "Sum; null when it overflows."),
        Try("try_subtract", "-", "Difference; null when it overflows."),
        Try("try_multiply", "*", "Product; null when it overflows."),
    ];

    private static FunctionDefinition Double(string name, string description) =>
        new(name, Scalar, 1, 1, $"{name}(x)", description, call => call.Make(name, DataTypes.Double, call.Double(0)) with { Pretty = $"{(name is "ln" or "rint" ? name : name.ToUpperInvariant())}({call[0].Pretty})" });

    private static FunctionDefinition Extreme(string name, string description) =>
        new(name, Scalar, 2, int.MaxValue, $"{name}(a, b, …)", description, call =>
        {
            var type = call.Analyzer.Common(name, call.Arguments, call.Span, call.Pretty);
            return Coercion.IsAtomic(type) ? call.Make(name, type, [.. call.Arguments.Select(argument => Build.Cast(argument, type))]) : throw call.Refuse($"{name} of {type.SimpleString}");
        });

    private static FunctionDefinition Try(string name, string symbol, string description) =>
        new(name, Scalar, 2, 2, $"{name}(a, b)", description, call =>
        {
            var type = Coercion.Wider(call[0].Type, call[1].Type);
            return type is not null && Coercion.IsIntegral(type)
                ? call.Make("try " + symbol, type, Build.Cast(call[0], type), Build.Cast(call[1], type))
                : throw call.Refuse($"{name} of {call[0].Type.SimpleString} and {call[1].Type.SimpleString}");
        });

    private static CallExpression TryDivide(FunctionCall call) =>
        Coercion.IsNumeric(call[0].Type) && Coercion.IsNumeric(call[1].Type) && call[0].Type is not DecimalType && call[1].Type is not DecimalType
            ? call.Make("try /", DataTypes.Double, call.Double(0), call.Double(1))
            : throw call.Refuse("try_divide of these types");

    private static CallExpression Pmod(FunctionCall call)
    {
        var type = Coercion.Wider(call[0].Type, call[1].Type);
        return type is not null && Coercion.IsIntegral(type) && call[0].Type != DataTypes.String && call[1].Type != DataTypes.String
            ? call.MakeRaising("pmod", type, Build.Cast(call[0], type), Build.Cast(call[1], type))
            : throw call.Refuse("pmod of these types");
    }

    /// <summary>Rounding keeps whole types and doubles; a decimal loses the places that are cut away.</summary>
    private static TypedExpression Round(FunctionCall call, string name)
    {
        var places = call.Count > 1 ? call.Int(1) is LiteralExpression { Value: long constant } ? constant : throw call.Refuse($"{name} to a computed number of places") : 0;
        var value = call.Number(0);
        var pretty = $"{name}({call[0].Pretty}, {(call.Count > 1 ? call[1].Pretty : "0")})";
        if (places is < -30 or > 38)
        {
            throw call.Refuse($"{name} to so many places");
        }

        var scale = Build.Whole(places);
        switch (value.Type)
        {
            case DecimalType { Precision: var precision, Scale: var old }:
                var kept = Math.Min(old, Math.Max(0, (int)places));
                var digits = precision - old + 1;
                var type = places < 0
                    ? new DecimalType(Math.Min(38, Math.Max(digits, 1 - (int)places)), 0)
                    : new DecimalType(Math.Min(38, digits + kept), kept);
                return digits + kept > 38 ? throw call.Refuse($"{name} beyond 38 digits") : call.Make(name + "_decimal", type, value, scale) with { Pretty = pretty };
            case var integral when Coercion.IsIntegral(integral):
                return places >= 0 ? value with { Pretty = pretty } : call.MakeRaising(name + "_whole", integral, value, scale) with { Pretty = pretty };
            case var real when real == DataTypes.Double:
                return call.Make(name, real, value, scale) with { Pretty = pretty };
            default:
                throw call.Refuse($"{name} of {value.Type.SimpleString}");
        }
    }

    private static TypedExpression Whole(FunctionCall call, string name)
    {
        if (call.Count == 2)
        {
            throw call.Refuse($"{name} to a number of places");
        }

        var value = call.Number(0);
        var pretty = $"{(call.Name == "ceiling" ? call.Name : name.ToUpperInvariant())}({call[0].Pretty})";
        return value.Type switch
        {
            DecimalType { Precision: var precision, Scale: var scale } => call.Make(name + "_decimal", scale == 0 ? new DecimalType(precision, 0) : new DecimalType(precision - scale + 1, 0), value) with { Pretty = pretty },
            var type when Coercion.IsIntegral(type) => Build.Cast(value, DataTypes.Long) with { Pretty = pretty },
            _ => call.Make(name, DataTypes.Long, Build.Cast(value, DataTypes.Double)) with { Pretty = pretty },
        };
    }
}
