using System.Globalization;

namespace LogPipeline.Core.Configuration;

/// <summary>Reads and writes single values of options.</summary>
internal static class OptionValues
{
    private static readonly (string Suffix, double Factor)[] Sizes =
        [("KiB", 1024), ("MiB", 1024 * 1024), ("GiB", 1L << 30), ("TiB", 1L << 40), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1)];

    private static readonly (string Suffix, double Milliseconds)[] Durations =
        [("ms", 1), ("min", 60_000), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

    public static bool IsPlain(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain.IsEnum || plain == typeof(string) || plain == typeof(int) || plain == typeof(long) || plain == typeof(double)
            || plain == typeof(bool) || plain == typeof(TimeSpan);
    }

    /// <summary>Reads a value. Durations are <c>500ms</c>, <c>1s</c>, <c>5min</c>, <c>24h</c>, <c>7d</c> or <c>00:00:01</c>; properties named …Bytes also take <c>64MiB</c>.</summary>
    public static bool TryRead(string text, Type type, string name, out object? value)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        value = null;
        text = text.Trim();
        if (plain == typeof(string))
        {
            value = text.Length == 0 ? null : text;
            return true;
        }

        if (text.Length == 0 && Nullable.GetUnderlyingType(type) is not null)
        {
            return true;
        }

        if (plain.IsEnum)
        {
            return !char.IsAsciiDigit(text.FirstOrDefault()) && Enum.TryParse(plain, text, ignoreCase: true, out value);
        }

        return plain == typeof(bool) ? Give(ReadSwitch(text), out value)
            : plain == typeof(TimeSpan) ? Give(ReadDuration(text), out value)
            : plain == typeof(double) ? Give(ReadNumber(text), out value)
            : plain == typeof(long) ? Give(ReadWhole(text, name), out value)
            : Give(ReadWhole(text, name) is >= int.MinValue and <= int.MaxValue and var whole ? (int?)whole : null, out value);
    }

    /// <summary>What a value of a type looks like, for messages and the reference.</summary>
    public static string Describe(Type type, string name)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain.IsEnum ? string.Join(" or ", Enum.GetNames(plain))
            : plain == typeof(bool) ? "true or false"
            : plain == typeof(TimeSpan) ? "a duration such as 500ms, 1s, 5min, 24h or 7d"
            : plain == typeof(double) ? "a number"
            : plain == typeof(string) ? "text"
            : IsSize(name) ? "a size such as 67108864 or 64MiB"
            : "a whole number";
    }

    /// <summary>A value as <see cref="TryRead"/> reads it.</summary>
    public static string Write(object? value, string name) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        TimeSpan duration => WriteDuration(duration),
        long or int when IsSize(name) => WriteSize(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    /// <summary>Reads a duration, or null.</summary>
    public static TimeSpan? ReadDuration(string text)
    {
        foreach (var (suffix, milliseconds) in Durations)
        {
            if (text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(text.AsSpan(0, text.Length - suffix.Length).TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
                && count * milliseconds < TimeSpan.MaxValue.TotalMilliseconds)
            {
                return TimeSpan.FromMilliseconds(count * milliseconds);
            }
        }

        return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) ? span : null;
    }

    private static bool Give<T>(T? read, out object? value)
        where T : struct
    {
        value = read;
        return read.HasValue;
    }

    private static bool? ReadSwitch(string text) => text.ToUpperInvariant() switch
    {
        "TRUE" or "YES" or "ON" or "1" => true,
        "FALSE" or "NO" or "OFF" or "0" => false,
        _ => null,
    };

    private static double? ReadNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static long? ReadWhole(string text, string name) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : IsSize(name) ? ReadSize(text) : null;

    private static bool IsSize(string name) => name.EndsWith("Bytes", StringComparison.Ordinal);

    private static long? ReadSize(string text)
    {
        foreach (var (suffix, factor) in Sizes)
        {
            if (text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(text.AsSpan(0, text.Length - suffix.Length).TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
                && count * factor < long.MaxValue)
            {
                return (long)(count * factor);
            }
        }

        return null;
    }

    private static string WriteSize(long bytes)
    {
        foreach (var (suffix, factor) in Sizes.Take(4).Reverse())
        {
            if (bytes >= factor && bytes % (long)factor == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{bytes / (long)factor}{suffix}");
            }
        }

        return bytes.ToString(CultureInfo.InvariantCulture);
    }

    private static string WriteDuration(TimeSpan duration)
    {
        if (duration == System.Threading.Timeout.InfiniteTimeSpan)
        {
            return "never";
        }

        foreach (var (suffix, milliseconds) in new[] { ("d", 86_400_000d), ("h", 3_600_000), ("min", 60_000), ("s", 1000), ("ms", 1) })
        {
            var count = duration.TotalMilliseconds / milliseconds;
            if (count >= 1 && count == Math.Floor(count) && (suffix != "d" || count > 1))
            {
                return string.Create(CultureInfo.InvariantCulture, $"{count}{suffix}");
            }
        }

        return duration.ToString("c", CultureInfo.InvariantCulture);
    }
}
