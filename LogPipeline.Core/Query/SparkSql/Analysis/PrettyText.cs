using System.Globalization;
using LogPipeline.Core.Query.SparkSql.Values;
using LogPipeline.Core.Query.Values;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.SparkSql.Analysis;

/// <summary>How Spark prints constants and types in result names and messages.</summary>
internal static class PrettyText
{
    /// <summary>A type as messages print it: <c>ARRAY&lt;STRING&gt;</c>.</summary>
    public static string Of(DataType type) => type switch
    {
        StructType row => $"STRUCT<{string.Join(", ", row.Fields.Select(field => $"{field.Name}: {Of(field.Type)}"))}>",
        ArrayType array => $"ARRAY<{Of(array.Element)}>",
        MapType map => $"MAP<{Of(map.Key)}, {Of(map.Value)}>",
        _ => type.SimpleString.ToUpperInvariant(),
    };

    public static string Of(DataType type, object? value)
    {
        switch (value)
        {
            case null:
                return "NULL";
            case bool flag:
                return flag ? "true" : "false";
            case string text:
                return text;
            case double number:
                return type == DataTypes.Float ? JavaNumber.Print((float)number) : JavaNumber.Print(number);
            case SparkDecimal number:
                return number.ToString();
            case byte[] bytes:
                return $"X'{Convert.ToHexString(bytes)}'";
            case long days when type == DataTypes.Date:
                return $"DATE '{SparkDates.FormatDate(days)}'";
            case long micros when type == DataTypes.Timestamp:
                return $"TIMESTAMP '{SparkDates.FormatTimestamp(micros)}'";
            case long micros when type == DataTypes.TimestampNtz:
                return $"TIMESTAMP_NTZ '{SparkDates.FormatTimestamp(micros)}'";
            case long amount when type is IntervalType interval:
                return Interval(interval, amount);
            case long whole:
                return whole.ToString(CultureInfo.InvariantCulture);
            default:
                return value.ToString() ?? "";
        }
    }

    /// <summary><c>INTERVAL '01:30' HOUR TO MINUTE</c>.</summary>
    public static string Interval(IntervalType type, long amount)
    {
        var sign = amount < 0 ? "-" : "";
        var size = amount == long.MinValue ? 9223372036854775808m : Math.Abs(amount);
        string text;
        if (type.IsYearMonth)
        {
            text = (type.From, type.To) switch
            {
                ("YEAR", "YEAR") => Whole(size / 12),
                ("MONTH", _) => Whole(size),
                _ => $"{Whole(size / 12)}-{Whole(size % 12)}",
            };
        }
        else
        {
            var units = new (string Field, decimal Micros)[] { ("DAY", 86_400_000_000m), ("HOUR", 3_600_000_000m), ("MINUTE", 60_000_000m), ("SECOND", 1_000_000m) };
            var low = Array.FindIndex(units, unit => unit.Field == type.From);
            var high = Array.FindIndex(units, unit => unit.Field == type.To);
            var pieces = new List<string>();
            for (var index = low; index <= high; index++)
            {
                var whole = decimal.Truncate(size / units[index].Micros);
                size -= whole * units[index].Micros;
                var piece = whole.ToString(units[index].Field == "DAY" ? "0" : "00", CultureInfo.InvariantCulture);
                if (units[index].Field == "SECOND" && size > 0)
                {
                    piece += "." + size.ToString("000000", CultureInfo.InvariantCulture).TrimEnd('0');
                }

                pieces.Add(piece);
            }

            text = low == 0 && pieces.Count > 1 ? $"{pieces[0]} {string.Join(':', pieces.Skip(1))}" : string.Join(':', pieces);
        }

        return $"INTERVAL '{sign}{text}' {(type.From == type.To ? type.From : $"{type.From} TO {type.To}")}";
    }

    private static string Whole(decimal value) => decimal.Truncate(value).ToString(CultureInfo.InvariantCulture);
}
