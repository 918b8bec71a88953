using System.Globalization;

namespace LogPipeline.Spark.Connect;

/// <summary>.NET values as literals in the text of Spark SQL.</summary>
public static class SqlLiteral
{
    /// <summary>The text that stands for a value. Strings are escaped as Spark reads them by default (<c>spark.sql.parser.escapedStringLiterals=false</c>).</summary>
    /// <exception cref="ArgumentException">Spark has no such literal.</exception>
    public static string Of(object? value) => value switch
    {
        null or DBNull => "NULL",
        bool flag => flag ? "TRUE" : "FALSE",
        sbyte number => Signed(number, "Y"),
        byte number => Signed(number, "S"),
        short number => Signed(number, "S"),
        ushort number => Signed(number, ""),
        int number => Signed(number, ""),
        uint number => Signed(number, "L"),
        long number => Signed(number, "L"),
        float number => float.IsFinite(number) ? Signed(number, "F") : $"CAST('{number.ToString(CultureInfo.InvariantCulture)}' AS FLOAT)",
        double number => double.IsFinite(number) ? Signed(number, "D") : $"CAST('{number.ToString(CultureInfo.InvariantCulture)}' AS DOUBLE)",
        decimal number => Signed(number, "BD"),
        string text => Quote(text),
        Guid id => Quote(id.ToString()),
        byte[] bytes => $"X'{Convert.ToHexString(bytes)}'",
        DateOnly date => string.Create(CultureInfo.InvariantCulture, $"DATE'{date:yyyy-MM-dd}'"),
        DateTimeOffset instant => Timestamp("TIMESTAMP", instant.UtcDateTime, "Z"),
        DateTime { Kind: DateTimeKind.Unspecified } local => Timestamp("TIMESTAMP_NTZ", local, ""),
        DateTime instant => Timestamp("TIMESTAMP", instant.ToUniversalTime(), "Z"),
        TimeSpan interval => Interval(interval),
        _ => throw new ArgumentException($"A value of type {value.GetType().Name} is no literal of Spark SQL", nameof(value)),
    };

    // In parentheses, or a minus sign before it would make a comment of both.
    private static string Signed<T>(T number, string suffix)
        where T : IFormattable
    {
        var text = number.ToString(null, CultureInfo.InvariantCulture) + suffix;
        return text[0] == '-' ? $"({text})" : text;
    }

    private static string Quote(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";

    private static string Timestamp(string type, DateTime time, string zone) =>
        string.Create(CultureInfo.InvariantCulture, $"{type}'{time:yyyy-MM-ddTHH:mm:ss.ffffff}{zone}'");

    private static string Interval(TimeSpan interval) => string.Create(
        CultureInfo.InvariantCulture,
        $"INTERVAL '{(interval < TimeSpan.Zero ? "-" : "")}{interval.Duration():d\\ hh\\:mm\\:ss\\.ffffff}' DAY TO SECOND");
}
