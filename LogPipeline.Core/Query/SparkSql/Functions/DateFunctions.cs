using LogPipeline.Core.Query.SparkSql.Analysis;
using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Query.SparkSql.Values;
using LogPipeline.Core.Types;
using static LogPipeline.Core.Query.SparkSql.Functions.FunctionKind;

namespace LogPipeline.Core.Query.SparkSql.Functions;

/// <summary>Functions of dates, timestamps and intervals; the session's time zone is UTC.</summary>
internal static class DateFunctions
{
    public static IReadOnlyList<FunctionDefinition> All { get; } =
    [
        new("current_timestamp", Scalar, 0, 0, "current_timestamp()", "The moment at which the statement began.", call => Build.Literal(DataTypes.Timestamp, call.Analyzer.NowMicros) with { Pretty = $"{call.Name}()" }) { Aliases = ["now"] },
        new("current_date", Scalar, 0, 0, "current_date()", "The day at which the statement began.", call => Build.Literal(DataTypes.Date, Floor(call.Analyzer.NowMicros, SparkDates.MicrosPerDay)) with { Pretty = "current_date()" }) { Aliases = ["curdate"] },
        new("localtimestamp", Scalar, 0, 0, "localtimestamp()", "The moment at which the statement began, in no zone.", call => Build.Literal(DataTypes.TimestampNtz, call.Analyzer.NowMicros) with { Pretty = "localtimestamp()" }),
        new("current_timezone", Scalar, 0, 0, "current_timezone()", "The session's time zone.", call => Build.Literal(DataTypes.String, "UTC") with { Pretty = call.Pretty }),
        DateField("year", "Year."),
        DateField("quarter", "Quarter, 1 to 4."),
        DateField("month", "Month, 1 to 12."),
        DateField("day", "Day of the month.", "dayofmonth"),
        DateField("dayofweek", "Day of the week, Sunday is 1."),
        DateField("weekday", "Day of the week, Monday is 0."),
        DateField("dayofyear", "Day of the year."),
        DateField("weekofyear", "Week of the year by ISO 8601."),
        new("dayname", Scalar, 1, 1, "dayname(date)", "The weekday as Mon, Tue and so on.", call => call.Make("dayname", DataTypes.String, call.Date(0))),
        new("monthname", Scalar, 1, 1, "monthname(date)", "The month as Jan, Feb and so on.", call => call.Make("monthname", DataTypes.String, call.Date(0))),
        TimeField("hour", "Hour, 0 to 23."),
        TimeField("minute", "Minute."),
        TimeField("second", "Second."),
        new("extract", Scalar, 2, 2, "extract(field FROM source)", "A field of a date, timestamp or interval.", Extract) { Aliases = ["date_part", "datepart"] },
        new("date_trunc", Scalar, 2, 2, "date_trunc(unit, timestamp)", "The beginning of the unit.", DateTrunc),
        new("trunc", Scalar, 2, 2, "trunc(date, unit)", "The beginning of the unit as a date.", Trunc),
        new("date_format", Scalar, 2, 2, "date_format(timestamp, pattern)", "Text by a Java pattern such as yyyy-MM-dd.", call => call.MakeRaising("date_format", DataTypes.String, call.Timestamp(0), call.Text(1))),
        new("to_date", Scalar, 1, 2, "to_date(text[, pattern])", "A date read from text.", ToDate),
        new("to_timestamp", Scalar, 1, 2, "to_timestamp(text[, pattern])", "A timestamp read from text.", call => ToTimestamp(call, false)),
        new("try_to_timestamp", Scalar, 1, 2, "try_to_timestamp(text[, pattern])", "A timestamp read from text; null when malformed.", call => ToTimestamp(call, true)),
        new("date_add", Scalar, 2, 3, "date_add(date, days)", "Days later.", DateAdd),
        new("date_sub", Scalar, 2, 2, "date_sub(date, days)", "Days earlier.", call => call.MakeRaising("date_sub", DataTypes.Date, call.Date(0), call.Int(1))),
        new("datediff", Scalar, 2, 3, "datediff(end, start)", "Days from start to end.", DateDiff) { Aliases = ["date_diff"] },
        new("timestampdiff", Scalar, 3, 3, "timestampdiff(unit, start, end)", "Whole units from start to end.", UnitDiff),
        new("dateadd", Scalar, 2, 3, "dateadd(unit, n, timestamp)", "Units later.", DateAdd) { Aliases = ["timestampadd"] },
        new("add_months", Scalar, 2, 2, "add_months(date, months)", "Months later; the day is cut to the month's last.", call => call.MakeRaising("add_months", DataTypes.Date, call.Date(0), call.Int(1))),
        new("months_between", Scalar, 2, 3, "months_between(end, start[, round])", "Months from start to end.", call => call.Make("months_between", DataTypes.Double, call.Timestamp(0), call.Timestamp(1), call.Count > 2 ? call.Want(2, DataTypes.Boolean) : Build.Literal(DataTypes.Boolean, true)) with { Pretty = $"months_between({call[0].Pretty}, {call[1].Pretty}, {(call.Count > 2 ? call[2].Pretty : "true")})" }),
        new("last_day", Scalar, 1, 1, "last_day(date)", "Last day of the month.", call => call.Make("last_day", DataTypes.Date, call.Date(0))),
        new("next_day", Scalar, 2, 2, "next_day(date, weekday)", "The next such weekday after a date.", NextDay),
        new("make_date", Scalar, 3, 3, "make_date(year, month, day)", "A date.", call => call.MakeRaising("make_date", DataTypes.Date, call.Int(0), call.Int(1), call.Int(2))),
        Unix("unix_seconds", "Seconds since 1970, rounded down."),
        Unix("unix_millis", "Milliseconds since 1970, rounded down."),
        Unix("unix_micros", "Microseconds since 1970."),
        new("unix_date", Scalar, 1, 1, "unix_date(date)", "Days since 1970.", call => call.Make("unix_date", DataTypes.Integer, call.Date(0))),
        new("date_from_unix_date", Scalar, 1, 1, "date_from_unix_date(days)", "A date of days since 1970.", call => call.Make("date_from_unix_date", DataTypes.Date, call.Int(0))),
        new("unix_timestamp", Scalar, 0, 2, "unix_timestamp([timestamp[, pattern]])", "Seconds since 1970.", UnixTimestamp) { Aliases = ["to_unix_timestamp"] },
        new("from_unixtime", Scalar, 1, 2, "from_unixtime(seconds[, pattern])", "Text of seconds since 1970.", call => call.MakeRaising("from_unixtime", DataTypes.String, call.Long(0), call.Count > 1 ? call.Text(1) : Build.Literal(DataTypes.String, "yyyy-MM-dd HH:mm:ss")) with { Pretty = $"from_unixtime({call[0].Pretty}, {(call.Count > 1 ? call[1].Pretty : "yyyy-MM-dd HH:mm:ss")})" }),
        Stamp("timestamp_seconds", "A timestamp of seconds since 1970."),
        Stamp("timestamp_millis", "A timestamp of milliseconds since 1970."),
        Stamp("timestamp_micros", "A timestamp of microseconds since 1970."),
        new("from_utc_timestamp", Scalar, 2, 2, "from_utc_timestamp(timestamp, zone)", "What a zone's clock shows.", call => call.MakeRaising("from_utc_timestamp", DataTypes.Timestamp, call.Timestamp(0), call.Text(1))),
        new("to_utc_timestamp", Scalar, 2, 2, "to_utc_timestamp(timestamp, zone)", "The instant at which a zone's clock shows this.", call => call.MakeRaising("to_utc_timestamp", DataTypes.Timestamp, call.Timestamp(0), call.Text(1))),
    ];

    public static long Floor(long value, long unit) => (value / unit) - (value % unit < 0 ? 1 : 0);

    private static FunctionDefinition DateField(string name, string description, string? alias = null) =>
        new(name, Scalar, 1, 1, $"{name}(date)", description, call => call.Make(name, DataTypes.Integer, call.Date(0))) { Aliases = alias is null ? [] : [alias] };

    private static FunctionDefinition TimeField(string name, string description) =>
        new(name, Scalar, 1, 1, $"{name}(timestamp)", description, call => call.Make(name, DataTypes.Integer, call.Timestamp(0)));

    private static FunctionDefinition Unix(string name, string description) =>
        new(name, Scalar, 1, 1, $"{name}(timestamp)", description, call => call.Make(name, DataTypes.Long, call.Timestamp(0)));

    private static FunctionDefinition Stamp(string name, string description) =>
        new(name, Scalar, 1, 1, $"{name}(n)", description, call => Coercion.IsIntegral(call[0].Type) ? call.MakeRaising(name, DataTypes.Timestamp, call.Long(0)) : throw call.Refuse($"{name} of this type"));

    private static CallExpression Extract(FunctionCall call)
    {
        var field = (call.ConstantText(0) ?? throw call.Refuse("A computed field")).ToUpperInvariant();
        if (call[1].Type is IntervalType interval)
        {
            return IntervalField(call, field, interval);
        }

        var name = field switch
        {
            "YEAR" or "Y" or "YEARS" or "YR" or "YRS" => "year",
            "QUARTER" or "QTR" => "quarter",
            "MONTH" or "MON" or "MONS" or "MONTHS" => "month",
            "WEEK" or "W" or "WEEKS" => "weekofyear",
            "DAY" or "D" or "DAYS" => "day",
            "DAYOFWEEK" or "DOW" => "dayofweek",
            "DOY" => "dayofyear",
            "HOUR" or "H" or "HOURS" or "HR" or "HRS" => "hour",
            "MINUTE" or "M" or "MIN" or "MINS" or "MINUTES" => "minute",
            "SECOND" or "S" or "SEC" or "SECONDS" or "SECS" => "second_fraction",
            _ => throw call.Refuse($"The field {field}"),
        };
        var pretty = call.Name == "extract" ? $"extract({call[0].Pretty} FROM {call[1].Pretty})" : call.Pretty;
        return name switch
        {
            "hour" or "minute" => call.Make(name, DataTypes.Integer, call.Timestamp(1)) with { Pretty = pretty },
            "second_fraction" => call.Make(name, new DecimalType(8, 6), call.Timestamp(1)) with { Pretty = pretty },
            _ => call.Make(name, DataTypes.Integer, call.Date(1)) with { Pretty = pretty },
        };
    }

    private static CallExpression IntervalField(FunctionCall call, string field, IntervalType interval)
    {
        var unit = IntervalText.UnitOf(field);
        var known = interval.IsYearMonth ? unit is "YEAR" or "MONTH" : unit is "DAY" or "HOUR" or "MINUTE";
        var pretty = call.Name == "extract" ? $"extract({call[0].Pretty} FROM {call[1].Pretty})" : call.Pretty;
        return known
            ? call.Make("interval_" + unit!.ToLowerInvariant(), unit is "YEAR" or "DAY" ? DataTypes.Integer : DataTypes.Byte, call[1]) with { Pretty = pretty }
            : throw call.Refuse($"The field {field} of an interval");
    }

    private static TypedExpression DateTrunc(FunctionCall call)
    {
        var unit = (call.ConstantText(0) ?? throw call.Refuse("date_trunc to a computed unit")).ToUpperInvariant() switch
        {
            "YEAR" or "YYYY" or "YY" => "year",
            "QUARTER" => "quarter",
            "MONTH" or "MM" or "MON" => "month",
            "WEEK" => "week",
            "DAY" or "DD" => "day",
            "HOUR" => "hour",
            "MINUTE" => "minute",
            "SECOND" => "second",
            "MILLISECOND" => "milliseconds",
            "MICROSECOND" => "microseconds",
            _ => null,
        };
        return unit is null
            ? Build.Literal(DataTypes.Timestamp, null).Titled(call.Pretty)
            : call.Make("date_trunc", DataTypes.Timestamp, Build.Literal(DataTypes.String, unit), call.Timestamp(1));
    }

    private static TypedExpression Trunc(FunctionCall call)
    {
        var unit = (call.ConstantText(1) ?? throw call.Refuse("trunc to a computed unit")).ToUpperInvariant() switch
        {
            "YEAR" or "YYYY" or "YY" => "year",
            "QUARTER" => "quarter",
            "MONTH" or "MM" or "MON" => "month",
            "WEEK" => "week",
            _ => null,
        };
        return unit is null
            ? Build.Literal(DataTypes.Date, null).Titled(call.Pretty)
            : call.Make("trunc_date", DataTypes.Date, Build.Literal(DataTypes.String, unit), call.Date(0));
    }

    private static TypedExpression ToDate(FunctionCall call)
    {
        if (call.Count == 1)
        {
            return call.Date(0).Titled(call.Pretty);
        }

        return call[0].Type == DataTypes.String || call[0].Type == DataTypes.Null
            ? call.MakeRaising("to_date_pattern", DataTypes.Date, call.Text(0), call.Text(1))
            : throw call.Refuse("to_date with a pattern of this type");
    }

    private static TypedExpression ToTimestamp(FunctionCall call, bool isTry)
    {
        if (call.Count == 1)
        {
            return Coercion.CanImplicitly(call[0].Type, DataTypes.Timestamp) ? Build.Cast(call[0], DataTypes.Timestamp, isTry).Titled(call.Pretty) : throw call.Refuse($"{call.Name} of this type");
        }

        return call[0].Type == DataTypes.String || call[0].Type == DataTypes.Null
            ? call.MakeRaising((isTry ? "try_" : "") + "to_timestamp_pattern", DataTypes.Timestamp, call.Text(0), call.Text(1))
            : throw call.Refuse($"{call.Name} with a pattern of this type");
    }

    private static CallExpression DateDiff(FunctionCall call) =>
        call.Count == 3 ? UnitDiff(call) : call.Make("datediff", DataTypes.Integer, call.Date(0), call.Date(1));

    private static string Unit(FunctionCall call)
    {
        var written = call.ConstantText(0) ?? throw call.Refuse("A computed unit");
        return written.ToUpperInvariant() is var unit && unit is "YEAR" or "QUARTER" or "MONTH" or "WEEK" or "DAY" or "HOUR" or "MINUTE" or "SECOND" or "MILLISECOND" or "MICROSECOND"
            ? unit
            : throw call.Refuse($"The unit {written}");
    }

    private static CallExpression UnitDiff(FunctionCall call)
    {
        var unit = Unit(call);
        return call.Make("timestampdiff", DataTypes.Long, Build.Literal(DataTypes.String, unit), call.Timestamp(1), call.Timestamp(2)) with { Pretty = $"timestampdiff({unit}, {call[1].Pretty}, {call[2].Pretty})" };
    }

    private static CallExpression DateAdd(FunctionCall call)
    {
        if (call.Count == 2)
        {
            return Coercion.IsIntegral(call[1].Type) ? call.MakeRaising("date_add", DataTypes.Date, call.Date(0), call.Int(1)) with { Pretty = $"date_add({call[0].Pretty}, {call[1].Pretty})" } : throw call.Refuse("date_add of this");
        }

        var unit = Unit(call);
        return call.MakeRaising("timestampadd", DataTypes.Timestamp, Build.Literal(DataTypes.String, unit), call.Long(1), call.Timestamp(2)) with { Pretty = $"timestampadd({unit}, {call[1].Pretty}, {call[2].Pretty})" };
    }

    private static CallExpression NextDay(FunctionCall call)
    {
        var day = (call.ConstantText(1) ?? throw call.Refuse("next_day to a computed weekday")).ToUpperInvariant() switch
        {
            "MO" or "MON" or "MONDAY" => 1,
            "TU" or "TUE" or "TUESDAY" => 2,
            "WE" or "WED" or "WEDNESDAY" => 3,
            "TH" or "THU" or "THURSDAY" => 4,
            "FR" or "FRI" or "FRIDAY" => 5,
            "SA" or "SAT" or "SATURDAY" => 6,
            "SU" or "SUN" or "SUNDAY" => 7,
            _ => throw call.Analyzer.Error(call.Span, "ILLEGAL_DAY_OF_WEEK", "22009", $"Illegal input for day of week: {call.ConstantText(1)}."),
        };
        return call.Make("next_day", DataTypes.Date, call.Date(0), Build.Whole(day));
    }

    private static TypedExpression UnixTimestamp(FunctionCall call)
    {
        if (call.Count == 0)
        {
            return Build.Literal(DataTypes.Long, Floor(call.Analyzer.NowMicros, 1_000_000)) with { Pretty = "unix_timestamp(current_timestamp(), yyyy-MM-dd HH:mm:ss)" };
        }

        var pretty = $"{call.Name}({call[0].Pretty}, {(call.Count > 1 ? call[1].Pretty : "yyyy-MM-dd HH:mm:ss")})";
        return call[0].Type == DataTypes.String
            ? call.MakeRaising("unix_timestamp_pattern", DataTypes.Long, call.Text(0), call.Count > 1 ? call.Text(1) : Build.Literal(DataTypes.String, "yyyy-MM-dd HH:mm:ss")) with { Pretty = pretty }
            : call.Make("unix_timestamp", DataTypes.Long, call.Timestamp(0)) with { Pretty = pretty };
    }
}
