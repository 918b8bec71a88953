using System.Globalization;
using Google.Protobuf;
using LogPipeline.Spark.Connect.Protocol;

namespace LogPipeline.Spark.Connect;

/// <summary>.NET values as literals of Spark SQL.</summary>
internal static class Literals
{
    /// <summary>The literal for a value.</summary>
    /// <exception cref="ArgumentException">Spark has no such literal, or this client does not send it.</exception>
    public static Expression.Types.Literal Of(object? value) => value switch
    {
        null or DBNull => new() { Null = new DataType { Null = new DataType.Types.Simple() } },
        bool flag => new() { Boolean = flag },
        sbyte number => new() { Byte = number },
        byte number => new() { Short = number },
        short number => new() { Short = number },
        ushort number => new() { Integer = number },
        int number => new() { Integer = number },
        uint number => new() { Long = number },
        long number => new() { Long = number },
        float number => new() { Float = number },
        double number => new() { Double = number },
        decimal number => new() { Decimal = OfDecimal(number) },
        string text => new() { String = text },
        Guid id => new() { String = id.ToString() },
        byte[] bytes => new() { Binary = ByteString.CopyFrom(bytes) },
        DateOnly date => new() { Date = date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber },
        DateTimeOffset instant => new() { Timestamp = Microseconds(instant.UtcDateTime) },
        DateTime { Kind: DateTimeKind.Unspecified } local => new() { TimestampNtz = Microseconds(local) },
        DateTime instant => new() { Timestamp = Microseconds(instant.ToUniversalTime()) },
        TimeSpan interval => new() { DayTimeInterval = interval.Ticks / TimeSpan.TicksPerMicrosecond },
        _ => throw new ArgumentException($"A value of type {value.GetType().Name} cannot be an argument of a Spark query", nameof(value)),
    };

    private static Expression.Types.Literal.Types.Decimal OfDecimal(decimal value)
    {
        var text = value.ToString(CultureInfo.InvariantCulture);
        var digits = text.Count(char.IsAsciiDigit);
        return new() { Value = text, Scale = value.Scale, Precision = Math.Max(digits, value.Scale) };
    }

    private static long Microseconds(DateTime time) => (time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}
