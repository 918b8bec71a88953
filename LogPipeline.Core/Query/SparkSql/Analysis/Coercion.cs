using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.SparkSql.Analysis;

/// <summary>Spark's ANSI rules for types that meet.</summary>
/// <remarks>Source: Spark's <c>AnsiTypeCoercion</c> and <c>DecimalPrecision</c>.</remarks>
internal static class Coercion
{
    private static readonly DataType[] _ladder = [DataTypes.Byte, DataTypes.Short, DataTypes.Integer, DataTypes.Long, DataTypes.Float, DataTypes.Double];

    public static bool IsIntegral(DataType type) => type == DataTypes.Byte || type == DataTypes.Short || type == DataTypes.Integer || type == DataTypes.Long;

    public static bool IsFractional(DataType type) => type is DecimalType || type == DataTypes.Float || type == DataTypes.Double;

    public static bool IsNumeric(DataType type) => IsIntegral(type) || IsFractional(type);

    public static bool IsDatetime(DataType type) => type == DataTypes.Date || type == DataTypes.Timestamp || type == DataTypes.TimestampNtz;

    public static bool IsAtomic(DataType type) => type is not (ArrayType or MapType or StructType);

    /// <summary>Whether values have an order: everything without a map.</summary>
    public static bool IsOrderable(DataType type) => type switch
    {
        MapType => false,
        ArrayType array => IsOrderable(array.Element),
        StructType row => row.Fields.All(field => IsOrderable(field.Type)),
        _ => type != DataTypes.CalendarInterval,
    };

    /// <summary>The decimal that holds every value of a whole-number type.</summary>
    public static DecimalType DecimalFor(DataType type) =>
        type as DecimalType ?? new DecimalType(type == DataTypes.Byte ? 3 : type == DataTypes.Short ? 5 : type == DataTypes.Integer ? 10 : 20, 0);

    /// <summary>The type that both become in a comparison, CASE, IN, UNION or coalesce; null when there is none.</summary>
    public static DataType? Wider(DataType left, DataType right)
    {
        if (left.Equals(right))
        {
            return left;
        }

        if (left == DataTypes.Null)
        {
            return right;
        }

        if (right == DataTypes.Null)
        {
            return left;
        }

        if (IsNumeric(left) && IsNumeric(right))
        {
            return WiderNumber(left, right);
        }

        if (left == DataTypes.String)
        {
            return WithString(right);
        }

        if (right == DataTypes.String)
        {
            return WithString(left);
        }

        return (left, right) switch
        {
            _ when IsDatetime(left) && IsDatetime(right) => left == DataTypes.Timestamp || right == DataTypes.Timestamp ? DataTypes.Timestamp : DataTypes.TimestampNtz,
            (IntervalType a, IntervalType b) when a.IsYearMonth == b.IsYearMonth => Span(a, b),
            (ArrayType a, ArrayType b) => Wider(a.Element, b.Element) is { } element ? new ArrayType(element) : null,
            (MapType a, MapType b) => Wider(a.Key, b.Key) is { } key && Wider(a.Value, b.Value) is { } value ? new MapType(key, value) : null,
            (StructType a, StructType b) => WiderStruct(a, b),
            _ => null,
        };
    }

    /// <summary>The type of all items together.</summary>
    public static DataType? Wider(IEnumerable<DataType> types)
    {
        // Strings come last, as in Spark: with numbers they become the widest number.
        DataType? all = DataTypes.Null;
        foreach (var type in types.OrderBy(type => type == DataTypes.String ? 1 : 0))
        {
            all = all is null ? null : Wider(all, type);
        }

        return all;
    }

    private static DataType? WithString(DataType other) =>
        IsIntegral(other) ? DataTypes.Long
        : IsFractional(other) ? DataTypes.Double
        : other is PrimitiveType && other != DataTypes.CalendarInterval ? other
        : null;

    private static DataType? WiderNumber(DataType left, DataType right)
    {
        if (left is DecimalType || right is DecimalType)
        {
            if (!IsIntegral(left) && left is not DecimalType || !IsIntegral(right) && right is not DecimalType)
            {
                return DataTypes.Double;
            }

            var (a, b) = (DecimalFor(left), DecimalFor(right));
            var scale = Math.Max(a.Scale, b.Scale);
            var whole = Math.Max(a.Precision - a.Scale, b.Precision - b.Scale);
            return whole + scale <= 38
                ? new DecimalType(whole + scale, scale)
                : throw new QueryException(QueryException.UnsupportedClass, "0A000", $"A meeting of {a} and {b} is not answered by the embedded engine; Spark answers it.");
        }

        var high = Math.Max(Array.IndexOf(_ladder, left), Array.IndexOf(_ladder, right));
        var low = Math.Min(Array.IndexOf(_ladder, left), Array.IndexOf(_ladder, right));
        return _ladder[high] == DataTypes.Float && low is 2 or 3 ? DataTypes.Double : _ladder[high];
    }

    private static StructType? WiderStruct(StructType a, StructType b)
    {
        if (a.Fields.Count != b.Fields.Count)
        {
            return null;
        }

        var fields = new List<StructField>();
        for (var index = 0; index < a.Fields.Count; index++)
        {
            if (!string.Equals(a.Fields[index].Name, b.Fields[index].Name, StringComparison.OrdinalIgnoreCase) || Wider(a.Fields[index].Type, b.Fields[index].Type) is not { } type)
            {
                return null;
            }

            fields.Add(new StructField(a.Fields[index].Name, type));
        }

        return new StructType(fields);
    }

    private static readonly string[] _fields = ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"];

    private static IntervalType Span(IntervalType a, IntervalType b) => new(
        _fields[Math.Min(Array.IndexOf(_fields, a.From), Array.IndexOf(_fields, b.From))],
        _fields[Math.Max(Array.IndexOf(_fields, a.To), Array.IndexOf(_fields, b.To))]);

    /// <summary>The decimal type of an operation, with Spark's loss of scale beyond 38 digits.</summary>
    public static DecimalType DecimalResult(string operation, DecimalType a, DecimalType b)
    {
        var (precision, scale) = DecimalNatural(operation, a, b);
        if (precision <= 38)
        {
            return new DecimalType(precision, scale);
        }

        var whole = precision - scale;
        var least = Math.Min(scale, 6);
        return new DecimalType(38, Math.Max(38 - whole, least));
    }

    /// <summary>Digits and scale that an operation needs to lose nothing; for division as Spark defines it.</summary>
    public static (int Precision, int Scale) DecimalNatural(string operation, DecimalType a, DecimalType b)
    {
        var (p1, s1, p2, s2) = (a.Precision, a.Scale, b.Precision, b.Scale);
        switch (operation)
        {
            case "+" or "-":
                var scale = Math.Max(s1, s2);
                return (Math.Max(p1 - s1, p2 - s2) + scale + 1, scale);
            case "*":
                return (p1 + p2 + 1, s1 + s2);
            case "/":
                var quotient = Math.Max(6, s1 + p2 + 1);
                return (p1 - s1 + s2 + quotient, quotient);
            default:
                var rest = Math.Max(s1, s2);
                return (Math.Min(p1 - s1, p2 - s2) + rest, rest);
        }
    }

    /// <summary>Whether a value may turn into another type where a function or operator wants it.</summary>
    public static bool CanImplicitly(DataType from, DataType to)
    {
        if (from.Equals(to) || from == DataTypes.Null)
        {
            return true;
        }

        if (to == DataTypes.String)
        {
            return IsAtomic(from) && from != DataTypes.Binary;
        }

        if (from == DataTypes.String)
        {
            return IsAtomic(to) && to != DataTypes.Binary || to == DataTypes.Binary;
        }

        if (IsNumeric(from) && IsNumeric(to))
        {
            return to is DecimalType ? from is DecimalType || IsIntegral(from)
                : from is DecimalType ? to == DataTypes.Double || to == DataTypes.Float
                : Array.IndexOf(_ladder, from) <= Array.IndexOf(_ladder, to);
        }

        return from == DataTypes.Date && (to == DataTypes.Timestamp || to == DataTypes.TimestampNtz)
            || from == DataTypes.TimestampNtz && to == DataTypes.Timestamp;
    }

    /// <summary>Whether an explicit cast exists under ANSI.</summary>
    public static bool CanCast(DataType from, DataType to)
    {
        if (from.Equals(to) || from == DataTypes.Null || from == DataTypes.String && IsAtomic(to) || to == DataTypes.String)
        {
            return true;
        }

        return (from, to) switch
        {
            (ArrayType a, ArrayType b) => CanCast(a.Element, b.Element),
            (MapType a, MapType b) => CanCast(a.Key, b.Key) && CanCast(a.Value, b.Value),
            (StructType a, StructType b) => a.Fields.Count == b.Fields.Count && a.Fields.Zip(b.Fields).All(pair => CanCast(pair.First.Type, pair.Second.Type)),
            _ when !IsAtomic(from) || !IsAtomic(to) => false,
            _ when IsNumeric(from) => IsNumeric(to) || to == DataTypes.Boolean || to == DataTypes.Timestamp || (to == DataTypes.Binary && IsIntegral(from)) || to is IntervalType,
            _ when from == DataTypes.Boolean => IsNumeric(to),
            _ when from == DataTypes.Date => to == DataTypes.Timestamp || to == DataTypes.TimestampNtz,
            _ when from == DataTypes.Timestamp => to == DataTypes.Date || to == DataTypes.TimestampNtz || IsNumeric(to),
            _ when from == DataTypes.TimestampNtz => to == DataTypes.Date || to == DataTypes.Timestamp,
            _ when from is IntervalType => to is IntervalType || IsIntegral(to) || to is DecimalType,
            _ => false,
        };
    }
}
