using System.Globalization;
using System.Text;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.Values;

/// <summary>Prints intervals as Spark's cast to string does.</summary>
/// <remarks>Samples: <c>INTERVAL '1 02:03:04.5' DAY TO SECOND</c>, <c>INTERVAL '-1-2' YEAR TO MONTH</c>, <c>INTERVAL '26' HOUR</c>.</remarks>
internal static class IntervalText
{
    private static readonly string[] Fields = ["DAY", "HOUR", "MINUTE", "SECOND"];
    private static readonly long[] Sizes = [86_400_000_000, 3_600_000_000, 60_000_000];

    public static string Months(int months, IntervalType type)
    {
        var whole = Math.Abs((long)months);
        var value = type.From == "MONTH" ? whole.ToString(CultureInfo.InvariantCulture)
            : type.To == "YEAR" ? (whole / 12).ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{whole / 12}-{whole % 12}");
        return Print(months < 0, value, type);
    }

    public static string Micros(long micros, IntervalType type)
    {
        var rest = Math.Abs((decimal)micros);
        var text = new StringBuilder();
        var last = Array.IndexOf(Fields, type.To);
        for (var field = Array.IndexOf(Fields, type.From); field <= last; field++)
        {
            if (text.Length > 0)
            {
                text.Append(field == 1 ? ' ' : ':');
            }

            if (field == 3)
            {
                var seconds = rest / 1_000_000m;
                text.Append(seconds < 10 ? "0" : "").Append(seconds.ToString("0.######", CultureInfo.InvariantCulture));
                continue;
            }

            var count = Math.Floor(rest / Sizes[field]);
            rest -= count * Sizes[field];
            text.Append(count.ToString(field == 0 ? "0" : "00", CultureInfo.InvariantCulture));
        }

        return Print(micros < 0, text.ToString(), type);
    }

    private static string Print(bool negative, string value, IntervalType type) =>
        $"INTERVAL '{(negative ? "-" : "")}{value}' {(type.From == type.To ? type.From : $"{type.From} TO {type.To}")}";
}
