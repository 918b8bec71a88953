namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>
/// The C# scalar functions that generated SQL calls. Each gives exactly Spark's answer for a null-free row; a null
/// argument gives null unless said otherwise. A failure is an exception whose message starts with Spark's class in
/// brackets and ends with its state: <c>[CAST_INVALID_INPUT] The value 'x' … SQLSTATE: 22018</c>.
/// Instants travel as BIGINT microseconds since 1970 (UTC) and days as INTEGER days since 1970, so that no range is lost.
/// </summary>
internal static class SparkFunctionNames
{
    /// <summary>(VARCHAR) → TINYINT, Spark's ANSI cast of a string; error CAST_INVALID_INPUT.</summary>
    public const string CastTinyint = "spark_cast_tinyint";

    /// <summary>(VARCHAR) → SMALLINT.</summary>
    public const string CastSmallint = "spark_cast_smallint";

    /// <summary>(VARCHAR) → INTEGER.</summary>
    public const string CastInt = "spark_cast_int";

    /// <summary>(VARCHAR) → BIGINT.</summary>
    public const string CastBigint = "spark_cast_bigint";

    /// <summary>(VARCHAR) → FLOAT.</summary>
    public const string CastFloat = "spark_cast_float";

    /// <summary>(VARCHAR) → DOUBLE.</summary>
    public const string CastDouble = "spark_cast_double";

    /// <summary>(VARCHAR) → BOOLEAN.</summary>
    public const string CastBoolean = "spark_cast_boolean";

    /// <summary>(VARCHAR) → INTEGER days.</summary>
    public const string CastDate = "spark_cast_date";

    /// <summary>(VARCHAR) → BIGINT microseconds; text without a zone is UTC.</summary>
    public const string CastTimestamp = "spark_cast_timestamp";

    /// <summary>(VARCHAR, INTEGER precision, INTEGER scale) → VARCHAR, a plain number that fits DECIMAL(precision, scale), rounded half up; error CAST_INVALID_INPUT, or NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION when it does not fit.</summary>
    public const string CastDecimal = "spark_cast_decimal";

    /// <summary>As <see cref="CastTinyint"/>, null in place of the error.</summary>
    public const string TryCastTinyint = "spark_try_cast_tinyint";

    /// <summary>As <see cref="CastSmallint"/>, null in place of the error.</summary>
    public const string TryCastSmallint = "spark_try_cast_smallint";

    /// <summary>As <see cref="CastInt"/>, null in place of the error.</summary>
    public const string TryCastInt = "spark_try_cast_int";

    /// <summary>As <see cref="CastBigint"/>, null in place of the error.</summary>
    public const string TryCastBigint = "spark_try_cast_bigint";

    /// <summary>As <see cref="CastFloat"/>, null in place of the error.</summary>
    public const string TryCastFloat = "spark_try_cast_float";

    /// <summary>As <see cref="CastDouble"/>, null in place of the error.</summary>
    public const string TryCastDouble = "spark_try_cast_double";

    /// <summary>As <see cref="CastBoolean"/>, null in place of the error.</summary>
    public const string TryCastBoolean = "spark_try_cast_boolean";

    /// <summary>As <see cref="CastDate"/>, null in place of the error.</summary>
    public const string TryCastDate = "spark_try_cast_date";

    /// <summary>As <see cref="CastTimestamp"/>, null in place of the error.</summary>
    public const string TryCastTimestamp = "spark_try_cast_timestamp";

    /// <summary>As <see cref="CastDecimal"/>, null in place of the error.</summary>
    public const string TryCastDecimal = "spark_try_cast_decimal";

    /// <summary>(DOUBLE) → VARCHAR as Java's Double.toString prints: <c>1.0</c>, <c>1.0E20</c>, <c>NaN</c>, <c>Infinity</c>.</summary>
    public const string DoubleToString = "spark_double_to_string";

    /// <summary>(FLOAT) → VARCHAR as Java's Float.toString prints.</summary>
    public const string FloatToString = "spark_float_to_string";

    /// <summary>(DOUBLE, INTEGER scale) → DOUBLE rounded half up on the printed value; NaN and infinities stay.</summary>
    public const string Round = "spark_round";

    /// <summary>(DOUBLE, INTEGER scale) → DOUBLE rounded half even on the printed value.</summary>
    public const string BRound = "spark_bround";

    /// <summary>(HUGEINT numerator, HUGEINT denominator) → HUGEINT quotient rounded half up (away from zero); error DIVIDE_BY_ZERO.</summary>
    public const string DivDecimal = "spark_div_decimal";

    /// <summary>(VARCHAR, INTEGER from, INTEGER to) → VARCHAR.</summary>
    public const string Conv = "spark_conv";

    /// <summary>(VARCHAR number as printed, INTEGER places) → VARCHAR with grouping, half even; null for negative places.</summary>
    public const string FormatNumber = "spark_format_number";

    /// <summary>(VARCHAR) → VARCHAR, full Unicode mapping (ß becomes SS).</summary>
    public const string Upper = "spark_upper";

    /// <summary>(VARCHAR) → VARCHAR, full Unicode mapping.</summary>
    public const string Lower = "spark_lower";

    /// <summary>(VARCHAR) → VARCHAR; words are separated by spaces only.</summary>
    public const string InitCap = "spark_initcap";

    /// <summary>(VARCHAR) → VARCHAR reversed by code points.</summary>
    public const string Reverse = "spark_reverse";

    /// <summary>(VARCHAR, INTEGER position, INTEGER length) → VARCHAR; code points, position from 1, 0 as 1, negative from the end; the part that lies outside is cut away.</summary>
    public const string Substring = "spark_substring";

    /// <summary>(VARCHAR, VARCHAR delimiter, INTEGER count) → VARCHAR.</summary>
    public const string SubstringIndex = "spark_substring_index";

    /// <summary>(VARCHAR, VARCHAR delimiter, INTEGER part) → VARCHAR; error INVALID_INDEX_OF_ZERO.</summary>
    public const string SplitPart = "spark_split_part";

    /// <summary>(VARCHAR, INTEGER length, VARCHAR pad) → VARCHAR.</summary>
    public const string Lpad = "spark_lpad";

    /// <summary>(VARCHAR, INTEGER length, VARCHAR pad) → VARCHAR.</summary>
    public const string Rpad = "spark_rpad";

    /// <summary>(VARCHAR, VARCHAR pattern, VARCHAR escape) → BOOLEAN; error INVALID_FORMAT.ESC_IN_THE_MIDDLE or INVALID_FORMAT.ESC_AT_THE_END.</summary>
    public const string Like = "spark_like";

    /// <summary>(VARCHAR, VARCHAR Java pattern) → BOOLEAN: is it found. A pattern that .NET means differently is an error of class UNSUPPORTED_FEATURE.EMBEDDED_ENGINE; this holds for each regular expression below.</summary>
    public const string RegexpLike = "spark_regexp_like";

    /// <summary>(VARCHAR, VARCHAR pattern, INTEGER group) → VARCHAR, '' without a match; errors INVALID_PARAMETER_VALUE.PATTERN and INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX.</summary>
    public const string RegexpExtract = "spark_regexp_extract";

    /// <summary>(VARCHAR, VARCHAR pattern, INTEGER group) → VARCHAR[].</summary>
    public const string RegexpExtractAll = "spark_regexp_extract_all";

    /// <summary>(VARCHAR, VARCHAR pattern, VARCHAR replacement with $1) → VARCHAR.</summary>
    public const string RegexpReplace = "spark_regexp_replace";

    /// <summary>(VARCHAR, VARCHAR pattern) → INTEGER.</summary>
    public const string RegexpCount = "spark_regexp_count";

    /// <summary>(VARCHAR, VARCHAR pattern) → INTEGER position from 1, or 0.</summary>
    public const string RegexpInstr = "spark_regexp_instr";

    /// <summary>(VARCHAR, VARCHAR pattern) → VARCHAR, null without a match.</summary>
    public const string RegexpSubstr = "spark_regexp_substr";

    /// <summary>(VARCHAR, VARCHAR pattern, INTEGER limit) → VARCHAR[]; trailing empties stay.</summary>
    public const string Split = "spark_split";

    /// <summary>(VARCHAR, VARCHAR) → INTEGER, by code points.</summary>
    public const string Levenshtein = "spark_levenshtein";

    /// <summary>(VARCHAR) → VARCHAR.</summary>
    public const string Soundex = "spark_soundex";

    /// <summary>(VARCHAR) → VARCHAR, application/x-www-form-urlencoded.</summary>
    public const string UrlEncode = "spark_url_encode";

    /// <summary>(VARCHAR) → VARCHAR; error CANNOT_DECODE_URL.</summary>
    public const string UrlDecode = "spark_url_decode";

    /// <summary>(VARCHAR url, VARCHAR part) → VARCHAR, null when absent; error INVALID_URL.</summary>
    public const string ParseUrl = "spark_parse_url";

    /// <summary>(VARCHAR url, VARCHAR part, VARCHAR key) → VARCHAR.</summary>
    public const string ParseUrlKey = "spark_parse_url_key";

    /// <summary>(VARCHAR) → BOOLEAN, whether it is a URL to <see cref="ParseUrl"/>.</summary>
    public const string IsUrl = "spark_is_url";

    /// <summary>As <see cref="ParseUrl"/>, null in place of the error.</summary>
    public const string TryParseUrl = "spark_try_parse_url";

    /// <summary>As <see cref="ParseUrlKey"/>, null in place of the error.</summary>
    public const string TryParseUrlKey = "spark_try_parse_url_key";

    /// <summary>As <see cref="UrlDecode"/>, null in place of the error.</summary>
    public const string TryUrlDecode = "spark_try_url_decode";

    /// <summary>(VARCHAR, VARCHAR path) → VARCHAR, null when absent or malformed.</summary>
    public const string GetJsonObject = "spark_get_json_object";

    /// <summary>(VARCHAR) → INTEGER, null when it is no array.</summary>
    public const string JsonArrayLength = "spark_json_array_length";

    /// <summary>(BLOB) → BIGINT.</summary>
    public const string Crc32 = "spark_crc32";

    /// <summary>(BIGINT microseconds, VARCHAR Java pattern) → VARCHAR in UTC.</summary>
    public const string DateFormat = "spark_date_format";

    /// <summary>(VARCHAR, VARCHAR Java pattern) → BIGINT microseconds; error CANNOT_PARSE_TIMESTAMP.</summary>
    public const string ToTimestamp = "spark_to_timestamp";

    /// <summary>As <see cref="ToTimestamp"/>, null in place of the error.</summary>
    public const string TryToTimestamp = "spark_try_to_timestamp";

    /// <summary>(BIGINT microseconds, BIGINT microseconds, BOOLEAN round to 8 places) → DOUBLE.</summary>
    public const string MonthsBetween = "spark_months_between";

    /// <summary>(BIGINT microseconds, VARCHAR zone) → BIGINT microseconds of the zone's wall clock.</summary>
    public const string FromUtcTimestamp = "spark_from_utc_timestamp";

    /// <summary>(BIGINT microseconds of the zone's wall clock, VARCHAR zone) → BIGINT microseconds.</summary>
    public const string ToUtcTimestamp = "spark_to_utc_timestamp";

    /// <summary>Every name above.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        CastTinyint, CastSmallint, CastInt, CastBigint, CastFloat, CastDouble, CastBoolean, CastDate, CastTimestamp, CastDecimal,
        TryCastTinyint, TryCastSmallint, TryCastInt, TryCastBigint, TryCastFloat, TryCastDouble, TryCastBoolean, TryCastDate,
        TryCastTimestamp, TryCastDecimal, DoubleToString, FloatToString, Round, BRound, DivDecimal, Conv, FormatNumber,
        Upper, Lower, InitCap, Reverse, Substring, SubstringIndex, SplitPart, Lpad, Rpad, Like, RegexpLike, RegexpExtract,
        RegexpExtractAll, RegexpReplace, RegexpCount, RegexpInstr, RegexpSubstr, Split, Levenshtein, Soundex, UrlEncode,
        UrlDecode, ParseUrl, ParseUrlKey, IsUrl, TryParseUrl, TryParseUrlKey, TryUrlDecode, GetJsonObject, JsonArrayLength, Crc32, DateFormat, ToTimestamp, TryToTimestamp,
        MonthsBetween, FromUtcTimestamp, ToUtcTimestamp,
    ];
}
