using System.Globalization;
using LogPipeline.Core.Query.Values;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>Printing, reading and comparing instants. Instants are microseconds since 1970 in UTC.</summary>
internal static class TimeFunctions
{
    private static readonly Remembered<TimePattern> Patterns = new(TimePattern.Read);
    private static readonly Remembered<TimeZoneInfo> ZonesByName = new(Zones.Get);

    public static IReadOnlyList<ScalarFunction> All { get; } =
    [
        new(SparkFunctionNames.DateFormat, [SqlType.BigInt, SqlType.Varchar], SqlType.Varchar, static (in call, row) =>
            call.Result.Set(row, Patterns.Get(call[1].Utf8(row)).Format(call[0].Get<long>(row)))),
        new(SparkFunctionNames.ToTimestamp, [SqlType.Varchar, SqlType.Varchar], SqlType.BigInt, static (in call, row) =>
        {
            if (!TimePatternReader.TryRead(Patterns.Get(call[1].Utf8(row)), call[0].Text(row), out var micros))
            {
                throw SparkFailure.Of("CANNOT_PARSE_TIMESTAMP", "22007", string.Create(
                    CultureInfo.InvariantCulture,
                    $"Text '{call[0].Text(row)}' could not be parsed at index 0. Use `try_to_timestamp` to tolerate invalid input string and return NULL instead."));
            }

            call.Result.Set(row, micros);
        })
        {
            CanFail = true,
        },
        new(SparkFunctionNames.TryToTimestamp, [SqlType.Varchar, SqlType.Varchar], SqlType.BigInt, static (in call, row) =>
        {
            if (TimePatternReader.TryRead(Patterns.Get(call[1].Utf8(row)), call[0].Text(row), out var micros))
            {
                call.Result.Set(row, micros);
            }
            else
            {
                call.Result.SetNull(row);
            }
        }),
        new(SparkFunctionNames.MonthsBetween, [SqlType.BigInt, SqlType.BigInt, SqlType.Boolean], SqlType.Double, static (in call, row) =>
            call.Result.Set(row, MonthsBetween(call[0].Get<long>(row), call[1].Get<long>(row), call[2].Bool(row)))),
        new(SparkFunctionNames.FromUtcTimestamp, [SqlType.BigInt, SqlType.Varchar], SqlType.BigInt, static (in call, row) =>
            call.Result.Set(row, Zones.ToWall(call[0].Get<long>(row), ZonesByName.Get(call[1].Utf8(row))))),
        new(SparkFunctionNames.ToUtcTimestamp, [SqlType.BigInt, SqlType.Varchar], SqlType.BigInt, static (in call, row) =>
            call.Result.Set(row, Zones.FromWall(call[0].Get<long>(row), ZonesByName.Get(call[1].Utf8(row))))),
    ];

    /// <summary>Whole months when the days agree or both are the last of their month; otherwise parts of months of 31 days.</summary>
    public static double MonthsBetween(long later, long earlier, bool round)
    {
        var laterDays = SparkCalendar.FloorDiv(later, SparkCalendar.MicrosPerDay);
        var earlierDays = SparkCalendar.FloorDiv(earlier, SparkCalendar.MicrosPerDay);
        var a = SparkCalendar.FromDays(laterDays);
        var b = SparkCalendar.FromDays(earlierDays);
        double months = ((a.Year * 12) + a.Month) - ((b.Year * 12) + b.Month);
        if (a.Day == b.Day || (IsLast(a) && IsLast(b)))
        {
            return months;
        }

        var seconds = ((a.Day - b.Day) * 86_400L)
            + ((later - (laterDays * SparkCalendar.MicrosPerDay)) / 1_000_000)
            - ((earlier - (earlierDays * SparkCalendar.MicrosPerDay)) / 1_000_000);
        var difference = months + (seconds / (31 * 86_400.0));
        return round ? Math.Floor((difference * 1e8) + 0.5) / 1e8 : difference;

        static bool IsLast((long Year, int Month, int Day) date) => date.Day == SparkCalendar.DaysInMonth(date.Year, date.Month);
    }
}
