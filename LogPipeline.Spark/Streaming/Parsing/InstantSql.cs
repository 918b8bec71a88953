using System.Globalization;

namespace LogPipeline.Spark.Streaming.Parsing;

/// <summary>Instants in Spark SQL, as <see cref="Core.Ingest.Formats.Timestamps"/> reads them. The session's zone does not matter.</summary>
internal static class InstantSql
{
    private const string Rfc3339 = """^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})\z""";
    private const string PlainRfc3339 = """^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})\z""";

    /// <summary>Microseconds of a text in the usual form; null when it is in no such form, though it may still be an instant.</summary>
    public static string PlainText(string text) => $"IF({text} RLIKE {Sql.Text(PlainRfc3339)}, unix_micros(try_cast({text} AS TIMESTAMP)), NULL)";

    /// <summary>Microseconds of a text in RFC 3339 with zone; null when it is none. The text is named several times.</summary>
    public static string OfText(string text)
    {
        var tail = $"substring({text}, 20)";
        var zone = $"regexp_extract({tail}, '[Zz]|[+-].*', 0)";
        return $"""
            CASE WHEN {text} RLIKE {Sql.Text(Rfc3339)} AND left({text}, 4) <> '0000' AND try_cast(left({text}, 10) AS DATE) IS NOT NULL
              AND substring({text}, 12, 2) <= '23' AND substring({text}, 15, 2) <= '59' AND substring({text}, 18, 2) <= '60'
              AND (lower({zone}) = 'z' OR (substring({zone}, 2, 2) <= '23' AND right({zone}, 2) <= '59'))
            THEN unix_date(try_cast(left({text}, 10) AS DATE)) * 86400000000L
              + ((try_cast(substring({text}, 12, 2) AS BIGINT) * 60 + try_cast(substring({text}, 15, 2) AS BIGINT)) * 60 + try_cast(substring({text}, 18, 2) AS BIGINT)) * 1000000L
              + try_cast(rpad(left(regexp_extract({tail}, '^[.,]([0-9]+)', 1), 6), 6, '0') AS BIGINT)
              - CASE WHEN lower({zone}) = 'z' THEN 0L
                  ELSE IF(left({zone}, 1) = '-', -1L, 1L) * (try_cast(substring({zone}, 2, 2) AS BIGINT) * 60 + try_cast(right({zone}, 2) AS BIGINT)) * 60000000L END
            END
            """;
    }

    /// <summary>Microseconds of a JSON number of epoch milliseconds; null when it is not finite. What no timestamp can hold is the end of time.</summary>
    public static string OfNumber(string number)
    {
        var (whole, real) = ($"try_cast({number} AS BIGINT)", $"try_cast({number} AS DOUBLE)");
        return $"""
            CASE WHEN {whole} BETWEEN -9223372036854774L AND 9223372036854774L THEN {whole} * 1000L
              WHEN {NumberSql.IsFinite(real)} THEN IF(abs({real}) < 9e15D, CAST(rint({real} * 1000D) AS BIGINT), 9223372036854775807L) END
            """;
    }

    /// <summary>A length of time in microseconds.</summary>
    public static string Micros(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.Ticks / TimeSpan.TicksPerMicrosecond}L");

    /// <summary>The reason why an instant of negative microseconds does not fit.</summary>
    public const string TooEarly = "is before 1970";

    /// <summary>The reason why an instant does not fit that is later than it may be.</summary>
    public static string TooLate(TimeSpan ahead) => string.Create(CultureInfo.InvariantCulture, $"is more than {ahead.TotalHours:0.#} hours ahead of the clock");
}
