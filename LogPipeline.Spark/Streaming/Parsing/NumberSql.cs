namespace LogPipeline.Spark.Streaming.Parsing;

/// <summary>Numbers in Spark SQL, as <see cref="Core.Ingest.Formats.Numbers"/> reads them: the texts are JSON numbers.</summary>
internal static class NumberSql
{
    /// <summary>Whether a double is neither infinite nor absent.</summary>
    public static string IsFinite(string number) => $"{number} BETWEEN -1.7976931348623157E308D AND 1.7976931348623157E308D";

    /// <summary>A whole number of 64 bits; <c>200.0</c> and <c>2e2</c> are whole, too. Null when it is none.</summary>
    public static string Whole(string number)
    {
        var real = $"try_cast({number} AS DOUBLE)";
        return $"coalesce(try_cast({number} AS BIGINT), IF({real} = rint({real}) AND abs({real}) <= 9007199254740992D, try_cast({real} AS BIGINT), NULL))";
    }
}
