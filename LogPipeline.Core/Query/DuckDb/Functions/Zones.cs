using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>Time zones by the names that Java takes.</summary>
/// <remarks>
/// .NET rounds the mean solar times before standard time to minutes; Java does not. Instants of a region before 1930 are
/// therefore refused instead of being answered differently.
/// </remarks>
internal static partial class Zones
{
    private const long RegionsFrom = -1_262_304_000_000_000;

    private static readonly FrozenDictionary<string, string> Short = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["ACT"] = "Australia/Darwin", ["AET"] = "Australia/Sydney", ["AGT"] = "America/Argentina/Buenos_Aires", ["ART"] = "Africa/Cairo",
        ["AST"] = "America/Anchorage", ["BET"] = "America/Sao_Paulo", ["BST"] = "Asia/Dhaka", ["CAT"] = "Africa/Harare",
        ["CNT"] = "America/St_Johns", ["CST"] = "America/Chicago", ["CTT"] = "Asia/Shanghai", ["EAT"] = "Africa/Addis_Ababa",
        ["ECT"] = "Europe/Paris", ["IET"] = "America/Indiana/Indianapolis", ["IST"] = "Asia/Kolkata", ["JST"] = "Asia/Tokyo",
        ["MIT"] = "Pacific/Apia", ["NET"] = "Asia/Yerevan", ["NST"] = "Pacific/Auckland", ["PLT"] = "Asia/Karachi",
        ["PNT"] = "America/Phoenix", ["PRT"] = "America/Puerto_Rico", ["PST"] = "America/Los_Angeles", ["SST"] = "Pacific/Guadalcanal",
        ["VST"] = "Asia/Ho_Chi_Minh", ["EST"] = "-05:00", ["MST"] = "-07:00", ["HST"] = "-10:00",
    }.ToFrozenDictionary();

    /// <summary>The zone, or null when there is none of that name.</summary>
    public static TimeZoneInfo? Find(string name)
    {
        var id = Short.GetValueOrDefault(name, name);
        if (id is "Z" or "UTC" or "GMT" or "UT" or "Etc/UTC")
        {
            return TimeZoneInfo.Utc;
        }

        var match = Offset().Match(id);
        if (match.Success)
        {
            var hours = Number("h");
            var minutes = Number("m");
            var seconds = Number("s");
            if (hours > 18 || minutes > 59 || seconds > 59 || (hours == 18 && minutes + seconds > 0))
            {
                return null;
            }

            if (seconds != 0 || hours > 14 || (hours == 14 && minutes > 0))
            {
                throw SparkFailure.Unsupported($"The embedded engine does not know zone offset {name}; Spark answers it.");
            }

            var offset = new TimeSpan(hours, minutes, 0);
            return TimeZoneInfo.CreateCustomTimeZone(id, match.Groups["sign"].Value == "-" ? -offset : offset, id, id);
        }

        return Region().IsMatch(id) && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) && zone.HasIanaId ? zone : null;

        int Number(string group) => match.Groups[group].Success ? int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>The zone, or Spark's error.</summary>
    public static TimeZoneInfo Get(string name) =>
        Find(name) ?? throw SparkFailure.Of("INVALID_TIMEZONE", "22009", $"The timezone: {name} is invalid. The timezone must be either a region-based zone ID or a zone offset. Region IDs must have the form 'area/city', such as 'America/Los_Angeles'. Zone offsets must be in the format '(+|-)HH', '(+|-)HH:mm' or '(+|-)HH:mm:ss', e.g '-08' , '+01:00' or '-13:33:33', and must be in the range from -18:00 to +18:00. 'Z' and 'UTC' are accepted as synonyms for '+00:00'.");

    /// <summary>The wall clock of a zone at an instant, in microseconds.</summary>
    public static long ToWall(long micros, TimeZoneInfo zone)
    {
        if (IsFixed(zone))
        {
            return micros + zone.BaseUtcOffset.Ticks / 10;
        }

        return micros + (zone.GetUtcOffset(Instant(micros)).Ticks / 10);
    }

    /// <summary>The instant of a zone's wall clock: the earlier one where it happens twice, moved by the gap where it never does.</summary>
    public static long FromWall(long wall, TimeZoneInfo zone)
    {
        if (IsFixed(zone))
        {
            return wall - (zone.BaseUtcOffset.Ticks / 10);
        }

        var clock = DateTime.SpecifyKind(Instant(wall), DateTimeKind.Unspecified);
        TimeSpan offset;
        if (zone.IsInvalidTime(clock))
        {
            offset = zone.GetUtcOffset(DateTime.SpecifyKind(clock - zone.GetUtcOffset(clock.AddHours(-3)), DateTimeKind.Utc).AddHours(-3));
        }
        else if (zone.IsAmbiguousTime(clock))
        {
            offset = zone.GetAmbiguousTimeOffsets(clock).Max();
        }
        else
        {
            offset = zone.GetUtcOffset(clock);
        }

        return wall - (offset.Ticks / 10);
    }

    private static bool IsFixed(TimeZoneInfo zone) => !zone.SupportsDaylightSavingTime && zone.GetAdjustmentRules().Length == 0;

    private static DateTime Instant(long micros)
    {
        if (micros is < RegionsFrom or > 253_402_300_799_999_999)
        {
            throw SparkFailure.Unsupported("The embedded engine converts zones of regions from 1930 to 9999; Spark answers it.");
        }

        return DateTime.UnixEpoch.AddTicks(micros * 10);
    }

    [GeneratedRegex("^(UTC|GMT|UT)?(?<sign>[+-])(?<h>[0-9]{1,2})(:(?<m>[0-9]{1,2})(:(?<s>[0-9]{2}))?|(?<m>[0-9]{2})(?<s>[0-9]{2})?)?$", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Offset();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9~/._+-]+$", RegexOptions.None, 1_000)]
    private static partial Regex Region();
}
