using System.Collections.Frozen;

namespace LogPipeline.Spark.Connect;

/// <summary>An error that Spark reported, with all that it says about it. Its causes are the inner exceptions.</summary>
public class SparkException : Exception
{
    /// <summary>An error without a message.</summary>
    public SparkException()
    {
    }

    /// <summary>An error.</summary>
    public SparkException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its cause.</summary>
    public SparkException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Spark's name of the error, such as <c>TABLE_OR_VIEW_NOT_FOUND</c> or <c>INVALID_HANDLE.SESSION_CLOSED</c>.</summary>
    public string? ErrorClass { get; init; }

    /// <summary>The SQLSTATE, five characters.</summary>
    public string? SqlState { get; init; }

    /// <summary>What the message's template was filled with.</summary>
    public IReadOnlyDictionary<string, string> MessageParameters { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>The pieces of the query that are at fault.</summary>
    public IReadOnlyList<SparkQueryContext> QueryContexts { get; init; } = [];

    /// <summary>The server's exception class and its base classes, the most special first.</summary>
    public IReadOnlyList<string> ErrorTypes { get; init; } = [];

    /// <summary>The server's stack trace, if the server gives it (<c>spark.sql.connect.serverStacktrace.enabled</c>).</summary>
    public string? ServerStackTrace { get; init; }

    /// <summary>Line of the query that is at fault, from 1.</summary>
    public int? Line { get; init; }

    /// <summary>Column in that line, from 1.</summary>
    public int? Column { get; init; }
}

/// <summary>A piece of a query that is at fault.</summary>
/// <param name="ObjectType">Kind of the object that holds the piece, such as VIEW; empty for the query itself.</param>
/// <param name="ObjectName">Name of that object.</param>
/// <param name="StartIndex">First character of the piece in the text, from 0; -1 unknown.</param>
/// <param name="StopIndex">Last character.</param>
/// <param name="Fragment">The piece.</param>
/// <param name="Summary">The piece in its line, as Spark prints it.</param>
public sealed record SparkQueryContext(string ObjectType, string ObjectName, int StartIndex, int StopIndex, string Fragment, string Summary);

/// <summary>
/// The server no longer knows the session: it restarted, or closed the session after its idle time. Views, configuration and streaming
/// queries of the session are gone; <see cref="SparkSession.RecreateAsync"/> makes it anew.
/// </summary>
public sealed class SparkSessionLostException : SparkException
{
    /// <summary>A lost session.</summary>
    public SparkSessionLostException()
    {
    }

    /// <summary>A lost session.</summary>
    public SparkSessionLostException(string message)
        : base(message)
    {
    }

    /// <summary>A lost session.</summary>
    public SparkSessionLostException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Id of the session that is lost.</summary>
    public string SessionId { get; init; } = "";
}

/// <summary>The server could not be reached, dropped the connection for longer than the retries last, or refused the token.</summary>
public sealed class SparkConnectionException : SparkException
{
    /// <summary>A failed connection.</summary>
    public SparkConnectionException()
    {
    }

    /// <summary>A failed connection.</summary>
    public SparkConnectionException(string message)
        : base(message)
    {
    }

    /// <summary>A failed connection.</summary>
    public SparkConnectionException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether the server refused the token rather than being out of reach.</summary>
    public bool IsUnauthenticated { get; init; }
}
