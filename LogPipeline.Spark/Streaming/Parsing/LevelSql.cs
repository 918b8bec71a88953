namespace LogPipeline.Spark.Streaming.Parsing;

/// <summary>One spelling for each level in Spark SQL, as <see cref="Core.Ingest.Formats.Levels"/> has it.</summary>
internal static class LevelSql
{
    /// <summary>The column whose texts have one spelling.</summary>
    public const string Column = "level";

    private const string Lower = "abcdefghijklmnopqrstuvwxyz";

    /// <summary>The usual spelling of a level; a name that is none in upper case, of which only ASCII letters have one here.</summary>
    public static string Spelled(string text)
    {
        var upper = $"translate({text}, '{Lower}', '{Lower.ToUpperInvariant()}')";
        return $"""
            CASE WHEN {text} IN ('INFO', 'WARN', 'ERROR', 'DEBUG') THEN {text}
              WHEN {upper} IN ('INFORMATION', 'NOTICE') THEN 'INFO' WHEN {upper} = 'WARNING' THEN 'WARN' WHEN {upper} IN ('ERR', 'SEVERE') THEN 'ERROR' WHEN {upper} = 'VERBOSE' THEN 'TRACE'
              WHEN {upper} IN ('CRITICAL', 'CRIT', 'EMERG', 'EMERGENCY', 'ALERT', 'PANIC') THEN 'FATAL' ELSE {upper} END
            """;
    }
}
