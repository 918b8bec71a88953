using System.Globalization;
using System.Text.RegularExpressions;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace LogPipeline.Core.Query.DuckDb.Engine;

/// <summary>Turns what DuckDB says while running into Spark's error classes.</summary>
/// <remarks>
/// Generated expressions and C# functions raise <c>[DIVIDE_BY_ZERO] Division by zero. …</c>; DuckDB puts its own prefix before it:
/// <c>Invalid Input Error: [DIVIDE_BY_ZERO] Division by zero. … SQLSTATE: 22012</c>
/// </remarks>
internal static partial class RuntimeErrors
{
    private static readonly Dictionary<string, string> States = new(StringComparer.Ordinal)
    {
        ["ARITHMETIC_OVERFLOW"] = "22003",
        ["BINARY_ARITHMETIC_OVERFLOW"] = "22003",
        ["CANNOT_PARSE_TIMESTAMP"] = "22007",
        ["CAST_INVALID_INPUT"] = "22018",
        ["CAST_OVERFLOW"] = "22003",
        ["DATETIME_FIELD_OUT_OF_BOUNDS"] = "22023",
        ["DATETIME_OVERFLOW"] = "22008",
        ["DIVIDE_BY_ZERO"] = "22012",
        ["DUPLICATED_MAP_KEY"] = "23505",
        ["INVALID_ARRAY_INDEX"] = "22003",
        ["INVALID_ARRAY_INDEX_IN_ELEMENT_AT"] = "22003",
        ["INVALID_FORMAT"] = "42601",
        ["INVALID_INDEX_OF_ZERO"] = "22003",
        ["INVALID_PARAMETER_VALUE"] = "22023",
        ["INVALID_URL"] = "22P02",
        ["NULL_MAP_KEY"] = "2200E",
        ["NUMERIC_VALUE_OUT_OF_RANGE"] = "22003",
        ["REMAINDER_BY_ZERO"] = "22012",
        ["SCALAR_SUBQUERY_TOO_MANY_ROWS"] = "21000",
        ["USER_RAISED_EXCEPTION"] = "P0001",
    };

    /// <summary>SQLSTATE of a class, or of the class that a subclass belongs to; null when it has none.</summary>
    public static string? StateOf(string errorClass) =>
        States.GetValueOrDefault(errorClass) ?? States.GetValueOrDefault(errorClass.Split('.')[0]);

    /// <summary>Whether a file that the snapshot names is gone: compaction or VACUUM was faster.</summary>
    public static bool IsMissingFile(Exception failure) => failure switch
    {
        DuckDBException io => io.Message.StartsWith("IO Error", StringComparison.Ordinal) && MissingFile().IsMatch(io.Message),
        IOException => true,
        _ => false,
    };

    /// <summary>Whether the instance cannot answer any more and must be opened again.</summary>
    public static bool IsFatal(Exception failure) => failure is DuckDBException { ErrorType: DuckDBErrorType.Fatal or DuckDBErrorType.Internal };

    public static QueryException Translate(Exception failure, QueryOptions options)
    {
        if (failure is QueryException known)
        {
            return known;
        }

        if (failure is not DuckDBException error)
        {
            return new QueryException("EMBEDDED_ENGINE_FAILED", "XX000", failure.Message);
        }

        if (Raised().Match(error.Message) is { Success: true } raised)
        {
            var errorClass = raised.Groups["class"].Value;
            var state = raised.Groups["state"].Success ? raised.Groups["state"].Value : StateOf(errorClass);
            return new QueryException(errorClass, state, raised.Groups["text"].Value.Trim());
        }

        if (error.ErrorType == DuckDBErrorType.OutOfMemory)
        {
            return new QueryException("QUERY_OUT_OF_MEMORY", "53200", string.Create(
                CultureInfo.InvariantCulture,
                $"The query needs more memory than all queries may use ({options.MemoryBytes >> 20} MiB). Group or filter more, or raise LogPipeline:Query:MemoryMb or SpillMb."));
        }

        if (error.Message.Contains("Max expression depth", StringComparison.Ordinal))
        {
            return new QueryException("FAILED_TO_PARSE_TOO_COMPLEX", "54001", "The statement was too complex to run: it nests too deeply.");
        }

        if (error.Message.Contains("More than one row returned by a subquery", StringComparison.Ordinal))
        {
            return Known("SCALAR_SUBQUERY_TOO_MANY_ROWS", "More than one row returned by a subquery used as an expression.");
        }

        if (error.Message.Contains("Map keys can not be NULL", StringComparison.Ordinal))
        {
            return Known("NULL_MAP_KEY", "Cannot use null as map key.");
        }

        if (error.Message.Contains("Map keys must be unique", StringComparison.Ordinal))
        {
            return Known("DUPLICATED_MAP_KEY", "Duplicate map key was found.");
        }

        if (error.Message.Contains(" is out of range!", StringComparison.Ordinal))
        {
            // An aggregate that left the range of a double: Spark goes on with infinity.
            return new QueryException(QueryException.UnsupportedClass, "0A000", $"{FirstLine(error.Message)} This is not answered by the embedded engine; Spark answers it.");
        }

        if (Overflow().IsMatch(error.Message))
        {
            return Known("ARITHMETIC_OVERFLOW", FirstLine(error.Message));
        }

        if (Unanswered().IsMatch(error.Message))
        {
            return new QueryException(QueryException.UnsupportedClass, "0A000", $"This query is not answered by the embedded engine; Spark answers it. {FirstLine(error.Message)}");
        }

        return new QueryException("EMBEDDED_ENGINE_FAILED", "XX000", FirstLine(error.Message));

        static QueryException Known(string errorClass, string text) => new(errorClass, StateOf(errorClass), text);
    }

    private static string FirstLine(string message)
    {
        var end = message.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }

    [GeneratedRegex(@"\[(?<class>_?[A-Z][A-Z0-9_]+(\.[A-Z0-9_]+)*)\] ?(?<text>.*?)( ?SQLSTATE: (?<state>[0-9A-Z]{5}).*)?$", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Raised();

    [GeneratedRegex("Overflow in|Overflow on|out of range|value is out of range", RegexOptions.None, 1_000)]
    private static partial Regex Overflow();

    /// <summary>DuckDB's planner has no plan for it.</summary>
    [GeneratedRegex("^(Not implemented|Binder) Error", RegexOptions.None, 1_000)]
    private static partial Regex Unanswered();

    [GeneratedRegex("No such file|No files found|Could not open|Cannot open file|does not exist", RegexOptions.None, 1_000)]
    private static partial Regex MissingFile();
}
