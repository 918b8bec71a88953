namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>The errors that Spark raises for a row.</summary>
internal static class SparkFailure
{
    public static QueryException Of(string errorClass, string state, string text) => new(errorClass, state, text);

    public static QueryException Cast(string value, string type) => Of(
        "CAST_INVALID_INPUT",
        "22018",
        $"The value '{value.Replace("'", "\\'", StringComparison.Ordinal)}' of the type \"STRING\" cannot be cast to \"{type}\" because it is malformed. Correct the value as per the syntax, or change its target type. Use `try_cast` to tolerate malformed input and return NULL instead.");

    public static QueryException Unsupported(string text) => Of(QueryException.UnsupportedClass, "0A000", text);

    public static QueryException DivideByZero() => Of(
        "DIVIDE_BY_ZERO",
        "22012",
        "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead.");

    /// <summary>The form that crosses DuckDB: <c>[CLASS] text SQLSTATE: 22018</c>.</summary>
    public static string Print(QueryException failure) => $"[{failure.ErrorClass}] {failure.Message} SQLSTATE: {failure.SqlState}";
}
