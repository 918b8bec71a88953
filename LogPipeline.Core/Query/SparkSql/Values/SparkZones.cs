using System.Globalization;

namespace LogPipeline.Core.Query.SparkSql.Values;

/// <summary>Time zones as Spark names them: <c>Z</c>, <c>+05:30</c>, <c>UTC+2</c>, <c>Europe/Berlin</c>.</summary>
internal static class SparkZones
{
    /// <summary>The instant at which the zone's clock shows a wall time; null when there is no such zone or the time is ambiguous for .NET.</summary>
    public static long? ToUtc(long wallMicros, string zone)
    {
        if (TryOffset(zone, out var offset))
        {
            return wallMicros - offset;
        }

        if (Find(zone) is not { } info || wallMicros is < -62_135_596_800_000_000 or > 253_402_300_799_999_999)
        {
            return null;
        }

        var wall = new DateTime(DateTime.UnixEpoch.Ticks + (wallMicros * 10), DateTimeKind.Unspecified);
        if (info.IsInvalidTime(wall))
        {
            // Spark moves a time that the clock skips by the length of the gap: the offset before the gap holds.
            return wallMicros - (info.GetUtcOffset(wall.AddDays(-1)).Ticks / 10);
        }

        // Of two instants Spark takes the earlier: the larger offset.
        var span = info.IsAmbiguousTime(wall) ? info.GetAmbiguousTimeOffsets(wall).Max() : info.GetUtcOffset(wall);
        return wallMicros - (span.Ticks / 10);
    }

    /// <summary>The zone's wall clock at an instant; null when there is no such zone.</summary>
    public static long? ToWall(long utcMicros, string zone)
    {
        if (TryOffset(zone, out var offset))
        {
            return utcMicros + offset;
        }

        if (Find(zone) is not { } info || utcMicros is < -62_135_596_800_000_000 or > 253_402_300_799_999_999)
        {
            return null;
        }

        var instant = new DateTime(DateTime.UnixEpoch.Ticks + (utcMicros * 10), DateTimeKind.Utc);
        return utcMicros + (info.GetUtcOffset(instant).Ticks / 10);
    }

    private static TimeZoneInfo? Find(string zone) =>
        zone.Contains('/', StringComparison.Ordinal) && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var info) ? info : null;

    private static bool TryOffset(string zone, out long micros)
    {
        micros = 0;
        if (zone is "Z" or "UTC" or "GMT" or "UT")
        {
            return true;
        }

        foreach (var prefix in (ReadOnlySpan<string>)["UTC", "GMT", "UT"])
        {
            if (zone.StartsWith(prefix, StringComparison.Ordinal))
            {
                zone = zone[prefix.Length..];
                break;
            }
        }

        if (zone.Length < 2 || zone[0] is not ('+' or '-'))
        {
            return false;
        }

        var parts = zone[1..].Split(':');
        if (parts is [{ Length: 4 or 6 } packed])
        {
            parts = [.. packed.Chunk(2).Select(pair => new string(pair))];
        }

        if (parts.Length > 3 || parts.Any(part => part.Length is 0 or > 2 || !part.All(char.IsAsciiDigit)))
        {
            return false;
        }

        long seconds = 0;
        for (var index = 0; index < 3; index++)
        {
            seconds = (seconds * 60) + (index < parts.Length ? int.Parse(parts[index], NumberStyles.None, CultureInfo.InvariantCulture) : 0);
        }

        if (seconds > 18 * 3600)
        {
            return false;
        }

        micros = seconds * 1_000_000 * (zone[0] == '-' ? -1 : 1);
        return true;
    }
}
