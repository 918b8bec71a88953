namespace LogPipeline.Core.Query.SparkSql.Editor;

/// <summary>Something that can stand at the caret.</summary>
/// <param name="Label">What is shown and written.</param>
/// <param name="Kind">keyword, table, column or function.</param>
/// <param name="Detail">A column's type, a function's signature.</param>
/// <param name="Documentation">One line for people.</param>
public sealed record CompletionItem(string Label, string Kind, string Detail, string Documentation);

/// <summary>A fault in a statement, or a part that only Spark answers.</summary>
/// <param name="Start">First character, 0-based.</param>
/// <param name="Length">Characters, at least 1.</param>
/// <param name="Line">Line from 1.</param>
/// <param name="Column">Column from 1.</param>
/// <param name="ErrorClass">Spark's error class, or <see cref="QueryException.UnsupportedClass"/>.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Suggestions">Text that would repair it, best first.</param>
public sealed record SqlDiagnostic(int Start, int Length, int Line, int Column, string ErrorClass, string Message, IReadOnlyList<string> Suggestions)
{
    /// <summary>Whether the statement is right and only Spark answers it.</summary>
    public bool IsUnsupported => ErrorClass == QueryException.UnsupportedClass;
}

/// <summary>What is known about the word under the pointer.</summary>
/// <param name="Start">First character of the word.</param>
/// <param name="Length">Characters of the word.</param>
/// <param name="Title">Name with type or signature.</param>
/// <param name="Text">One line for people.</param>
public sealed record HoverText(int Start, int Length, string Title, string Text);
