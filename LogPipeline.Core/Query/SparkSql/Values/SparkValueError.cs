namespace LogPipeline.Core.Query.SparkSql.Values;

/// <summary>Why a value cannot be converted, in Spark's words.</summary>
internal sealed record SparkValueError(string Class, string SqlState, string Message)
{
    public static SparkValueError CastInvalidInput(string value, string target) => new(
        "CAST_INVALID_INPUT",
        "22018",
        $"The value '{value}' of the type \"STRING\" cannot be cast to \"{target}\" because it is malformed. Correct the value as per the syntax, or change its target type. Use `try_cast` to tolerate malformed input and return NULL instead.");
}
