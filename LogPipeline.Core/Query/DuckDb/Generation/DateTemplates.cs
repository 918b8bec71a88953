using LogPipeline.Core.Query.DuckDb.Functions;
using LogPipeline.Core.Query.SparkSql.Values;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.DuckDb.Generation;

/// <summary>Functions of dates, timestamps and intervals. Timestamps are TIMESTAMP in UTC, intervals months or microseconds.</summary>
internal static class DateTemplates
{
    public static IReadOnlyDictionary<string, Func<CallParts, string>> All { get; } = new Dictionary<string, Func<CallParts, string>>(StringComparer.Ordinal)
    {
        ["year"] = Field("year"),
        ["quarter"] = Field("quarter"),
        ["month"] = Field("month"),
        ["day"] = Field("day"),
        ["dayofyear"] = Field("dayofyear"),
        ["weekofyear"] = Field("week"),
        ["hour"] = Field("hour"),
        ["minute"] = Field("minute"),
        ["second"] = Field("second"),
        ["dayofweek"] = call => call.As($"(dayofweek({call[0]}) + 1)"),
        ["weekday"] = call => call.As($"(isodow({call[0]}) - 1)"),
        ["dayname"] = call => $"strftime({call[0]}, '%a')",
        ["monthname"] = call => $"strftime({call[0]}, '%b')",
        ["second_fraction"] = call => DecimalText.Scaled($"(((epoch_us({call[0]}) % 60000000) + 60000000) % 60000000)", (DecimalType)call.Call.Type),
        ["date_trunc"] = call => $"CAST(date_trunc({call[0]}, {call[1]}) AS TIMESTAMP)",
        ["trunc_date"] = call => $"CAST(date_trunc({call[0]}, {call[1]}) AS DATE)",
        ["date_format"] = call => $"{SparkFunctionNames.DateFormat}(epoch_us({call[0]}), {call[1]})",
        ["to_timestamp_pattern"] = call => $"make_timestamp({Read(call)})",
        ["try_to_timestamp_pattern"] = call => $"make_timestamp({TextTemplates.Plain(SparkFunctionNames.TryToTimestamp, call)})",
        ["to_date_pattern"] = call => $"CAST(make_timestamp({Read(call)}) AS DATE)",
        ["unix_timestamp_pattern"] = call => CastWriter.FloorDivide(Read(call), 1_000_000),
        ["unix_timestamp"] = call => $"(epoch_us({call[0]}) // 1000000)",
        ["from_unixtime"] = call => $"{SparkFunctionNames.DateFormat}({call[0]} * 1000000, {call[1]})",
        ["unix_seconds"] = call => CastWriter.FloorDivide($"epoch_us({call[0]})", 1_000_000),
        ["unix_millis"] = call => CastWriter.FloorDivide($"epoch_us({call[0]})", 1_000),
        ["unix_micros"] = call => $"epoch_us({call[0]})",
        ["unix_date"] = call => call.As($"({call[0]} - DATE '1970-01-01')"),
        ["date_from_unix_date"] = call => $"CAST(DATE '1970-01-01' + {call[0]} AS DATE)",
        ["timestamp_seconds"] = call => $"make_timestamp({call[0]} * 1000000)",
        ["timestamp_millis"] = call => $"make_timestamp({call[0]} * 1000)",
        ["timestamp_micros"] = call => $"make_timestamp({call[0]})",
        ["from_utc_timestamp"] = call => $"make_timestamp({SparkFunctionNames.FromUtcTimestamp}(epoch_us({call[0]}), {call[1]}))",
        ["to_utc_timestamp"] = call => $"make_timestamp({SparkFunctionNames.ToUtcTimestamp}(epoch_us({call[0]}), {call[1]}))",
        ["date_add"] = call => $"CAST({call[0]} + {call[1]} AS DATE)",
        ["date_sub"] = call => $"CAST({call[0]} - {call[1]} AS DATE)",
        ["datediff"] = call => call.As($"({call[0]} - {call[1]})"),
        ["add_months"] = call => $"CAST({call[0]} + to_months({call[1]}) AS DATE)",
        ["months_between"] = call => $"{SparkFunctionNames.MonthsBetween}(epoch_us({call[0]}), epoch_us({call[1]}), {call[2]})",
        ["last_day"] = call => $"last_day({call[0]})",
        ["next_day"] = call => $"CAST({call[0]} + CAST((({call[1]} - isodow({call[0]}) + 6) % 7) + 1 AS INTEGER) AS DATE)",
        ["make_date"] = MakeDate,
        ["timestampdiff"] = Difference,
        ["timestampadd"] = Add,
        ["add_months_interval"] = call => call.As($"({call[0]} {Sign(call)} to_months({call[1]}))"),
        ["timestamp_add_interval"] = call => $"({call[0]} {Sign(call)} to_microseconds({call[1]}))",
        ["date_add_interval"] = call => $"CAST({call[0]} {Sign(call)} CAST({call[1]} // 86400000000 AS INTEGER) AS DATE)",
        ["date_minus"] = call => $"(CAST({call[0]} - {call[1]} AS BIGINT) * 86400000000)",
        ["timestamp_minus"] = call => $"(epoch_us({call[0]}) - epoch_us({call[1]}))",
        ["interval_multiply"] = call => call.As($"({call[0]} * {call[1]})"),
        ["interval_year"] = call => call.As($"({call[0]} // 12)"),
        ["interval_month"] = call => call.As($"({call[0]} % 12)"),
        ["interval_day"] = call => call.As($"({call[0]} // 86400000000)"),
        ["interval_hour"] = call => call.As($"({call[0]} // 3600000000 % 24)"),
        ["interval_minute"] = call => call.As($"({call[0]} // 60000000 % 60)"),
    };

    private static Func<CallParts, string> Field(string function) => call => call.As($"{function}({call[0]})");

    private static string Read(CallParts call) => CastWriter.Checked(SparkFunctionNames.TryToTimestamp, SparkFunctionNames.ToTimestamp, call[0], $", {call[1]}", false);

    private static string Sign(CallParts call) => call.Flag(2) ? "-" : "+";

    private static string MakeDate(CallParts call)
    {
        var text = $"format('{{:04d}}-{{:02d}}-{{:02d}}', {call[0]}, {call[1]}, {call[2]})";
        var inRange = $"{call[0]} BETWEEN 1 AND 9999 AND {call[1]} BETWEEN 1 AND 12 AND {call[2]} BETWEEN 1 AND 31";
        var raise = SqlText.Raise("DATETIME_FIELD_OUT_OF_BOUNDS.WITH_SUGGESTION", "22023", "Invalid date. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error.");
        return $"CASE WHEN {call[0]} IS NULL OR {call[1]} IS NULL OR {call[2]} IS NULL THEN NULL WHEN {inRange} AND TRY_CAST({text} AS DATE) IS NOT NULL THEN TRY_CAST({text} AS DATE) ELSE {raise} END";
    }

    /// <summary>Whole units between two instants, counted towards zero.</summary>
    private static string Difference(CallParts call)
    {
        var unit = call.Text(0)!;
        var micros = IntervalText.MicrosOf(unit);
        if (micros > 0)
        {
            return $"((epoch_us({call[2]}) - epoch_us({call[1]})) // {SqlText.Number(micros)})";
        }

        var months = $"((year({call[2]}) * 12 + month({call[2]})) - (year({call[1]}) * 12 + month({call[1]})))";
        var (from, to) = (WithinMonth(call[1]), WithinMonth(call[2]));
        var whole = $"({months} + CASE WHEN {months} > 0 AND {to} < {from} THEN -1 WHEN {months} < 0 AND {to} > {from} THEN 1 ELSE 0 END)";
        return call.As($"({whole} // {unit switch { "YEAR" => "12", "QUARTER" => "3", _ => "1" }})");
    }

    /// <summary>Microseconds since the month began.</summary>
    private static string WithinMonth(string moment) => $"(epoch_us({moment}) - epoch_us(CAST(date_trunc('month', {moment}) AS TIMESTAMP)))";

    private static string Add(CallParts call)
    {
        var unit = call.Text(0)!;
        var micros = IntervalText.MicrosOf(unit);
        if (micros > 0)
        {
            return $"({call[2]} + to_microseconds({call[1]} * {SqlText.Number(micros)}))";
        }

        var months = unit switch { "YEAR" => 12, "QUARTER" => 3, _ => 1 };
        return $"CAST({call[2]} + to_months(CAST({call[1]} * {months} AS INTEGER)) AS TIMESTAMP)";
    }
}
