namespace LogPipeline.Core.Query;

/// <summary>A statement that has no answer, with Spark's error class and the place in the text.</summary>
public sealed class QueryException : Exception
{
    /// <summary>Makes one without a message.</summary>
    public QueryException()
    {
    }

    /// <summary>Makes one that says what is wrong.</summary>
    public QueryException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that says what is wrong and why.</summary>
    public QueryException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes one with Spark's error class.</summary>
    /// <param name="errorClass">Such as <c>UNRESOLVED_COLUMN.WITH_SUGGESTION</c>.</param>
    /// <param name="sqlState">Five characters, or null.</param>
    /// <param name="message">Message without the class.</param>
    public QueryException(string errorClass, string? sqlState, string message)
        : base(message)
    {
        ErrorClass = errorClass;
        SqlState = sqlState;
    }

    /// <summary>The class of statements that only Spark answers.</summary>
    public const string UnsupportedClass = "UNSUPPORTED_FEATURE.EMBEDDED_ENGINE";

    /// <summary>Spark's error class, or null.</summary>
    public string? ErrorClass { get; }

    /// <summary>SQLSTATE, or null.</summary>
    public string? SqlState { get; }

    /// <summary>First character of the place at fault, 0-based; -1 when unknown.</summary>
    public int Start { get; init; } = -1;

    /// <summary>Characters at fault.</summary>
    public int Length { get; init; }

    /// <summary>Line of the place, from 1; 0 when unknown.</summary>
    public int Line { get; init; }

    /// <summary>Column of the place, from 1; 0 when unknown.</summary>
    public int Column { get; init; }

    /// <summary>Text that would repair the place, best first.</summary>
    public IReadOnlyList<string> Suggestions { get; init; } = [];
}
