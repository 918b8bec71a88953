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
        const string zone = "zone";
        return Sql.Let(zone, $"regexp_extract({tail}, '[Zz]|[+-].*', 0)", $"""
            CASE WHEN {text} RLIKE {Sql.Text(Rfc3339)} AND left({text}, 4) <> '0000' AND try_cast(left({text}, 10) AS DATE) IS NOT NULL
              AND substring({text}, 12, 2) <= '23' AND substring({text}, 15, 2) <= '59' AND substring({text}, 18, 2) <= '60'
              AND (lower({zone}) = 'z' OR (substring({zone}, 2, 2) <= '23' AND right({zone}, 2) <= '59'))
            THEN unix_date(try_cast(left({text}, 10) AS DATE)) * 86400000000L
              + ((try_cast(substring({text}, 12, 2) AS BIGINT) * 60 + try_cast(substring({text}, 15, 2) AS BIGINT)) * 60 + try_cast(substring({text}, 18, 2) AS BIGINT)) * 1000000L
              + try_cast(rpad(left(regexp_extract({tail}, '^[.,]([0-9]+)', 1), 6), 6, '0') AS BIGINT)
              - CASE WHEN lower({zone}) = 'z' THEN 0L
                  ELSE IF(left({zone}, 1) = '-', -1L, 1L) * (try_cast(substring({zone}, 2, 2) AS BIGINT) * 60 + try_cast(right({zone}, 2) AS BIGINT)) * 60000000L END
            END
            """);
    }

    /// <summary>Microseconds of a JSON number of epoch milliseconds; null when it is not finite. What no timestamp can hold is the end of time.</summary>
    public static string OfNumber(string number) => $"""
        CASE WHEN try_cast({number} AS BIGINT) BETWEEN -9223372036854774L AND 9223372036854774L THEN try_cast({number} AS BIGINT) * 1000L
          ELSE {Sql.Let("double", $"try_cast({number} AS DOUBLE)", $"CASE WHEN {NumberSql.IsFinite("double")} THEN IF(abs(double) < 9e15D, CAST(rint(double * 1000D) AS BIGINT), 9223372036854775807L) END")} END
        """;

    /// <summary>What is wrong with an instant; null when it fits.</summary>
    public static string Misfit(string micros, string receivedMicros, TimeSpan ahead) => string.Create(
        CultureInfo.InvariantCulture,
        $"CASE WHEN {micros} < 0 THEN 'is before 1970' WHEN {micros} > {receivedMicros} + {ahead.Ticks / 10}L THEN 'is more than {ahead.TotalHours:0.#} hours ahead of the clock' END");
}
