using System.Globalization;
using System.Text;
using LogPipeline.Core.Query;

namespace LogPipeline.Web.Components.Query;

/// <summary>A statement that has no answer, and the lines around the place at fault.</summary>
/// <param name="Sql">The statement.</param>
/// <param name="Error">What is wrong.</param>
/// <param name="Elapsed">After which time.</param>
public sealed record QueryFailure(string Sql, QueryException Error, TimeSpan Elapsed)
{
    /// <summary>The engine that was asked.</summary>
    public string Engine { get; init; } = "";

    /// <summary>Whether the place at fault is known.</summary>
    public bool HasPlace => Error.Line > 0 && Error.Line <= Lines.Length && Error.Column > 0;

    /// <summary>Whether a suggestion can take the place of what is wrong.</summary>
    public bool CanReplace => Error.Start >= 0 && Error.Length > 0 && Error.Start + Error.Length <= Sql.Length && Error.Suggestions.Count > 0;

    /// <summary>Number of the first line shown.</summary>
    public int FirstLine => Math.Max(1, Error.Line - 1);

    /// <summary>Number of the last line shown.</summary>
    public int LastLine => Math.Min(Lines.Length, Error.Line + 1);

    /// <summary>An error of a statement that had a line put before it, as if it had not.</summary>
    public static QueryException Without(string line, QueryException error) => new(error.ErrorClass ?? "ERROR", error.SqlState, error.Message)
    {
        Start = error.Start < line.Length ? -1 : error.Start - line.Length,
        Length = error.Length,
        Line = Math.Max(0, error.Line - 1),
        Column = error.Column,
        Suggestions = error.Suggestions,
    };

    private string[] Lines => field ??= Sql.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\t', ' ').Split('\n');

    /// <summary>A line of the statement, from 1.</summary>
    public string Line(int number) => Lines[number - 1];

    /// <summary>The line at fault: what is before the fault, the fault, and what follows it.</summary>
    public (string Before, string Fault, string After) Parts()
    {
        var line = Line(Error.Line);
        var start = Math.Clamp(Error.Column - 1, 0, line.Length);
        var length = Math.Clamp(Error.Length, 0, line.Length - start);
        return (line[..start], line.Substring(start, length), line[(start + length)..]);
    }

    /// <summary>Carets below the fault, with the blanks before them.</summary>
    public string Caret()
    {
        var (before, fault, _) = Parts();
        return new string(' ', before.Length) + new string('^', Math.Max(1, fault.Length));
    }

    /// <summary>The statement with the fault replaced.</summary>
    public string Replace(string text) => string.Concat(Sql.AsSpan(0, Error.Start), text, Sql.AsSpan(Error.Start + Error.Length));

    /// <summary>All of it as text, to be copied.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"[{Error.ErrorClass ?? "ERROR"}] {Error.Message}");
        if (Error.SqlState is { } state)
        {
            text.Append(CultureInfo.InvariantCulture, $" SQLSTATE: {state}");
        }

        if (HasPlace)
        {
            text.Append(CultureInfo.InvariantCulture, $" (line {Error.Line}, column {Error.Column})\n\n");
            for (var line = FirstLine; line <= LastLine; line++)
            {
                text.Append(Line(line)).Append('\n');
                if (line == Error.Line)
                {
                    text.Append(Caret()).Append('\n');
                }
            }
        }

        return text.ToString();
    }
}
