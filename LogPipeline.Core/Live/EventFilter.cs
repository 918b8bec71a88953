namespace LogPipeline.Core.Live;

/// <summary>Which events a page or a request wants. Terms of one field are alternatives; fields must all hold.</summary>
/// <param name="Terms">Conditions on fields.</param>
public sealed record EventFilter(IReadOnlyList<FilterTerm> Terms)
{
    /// <summary>Takes every event.</summary>
    public static EventFilter None { get; } = new([]);

    /// <summary>Text to find in message, endpoint, source and attributes; null for any.</summary>
    public string? Text { get; init; }

    /// <summary>Whether <see cref="Text"/> is a regular expression.</summary>
    public bool IsRegex { get; init; }

    /// <summary>Whether upper and lower case differ in <see cref="Text"/>.</summary>
    public bool MatchCase { get; init; }

    /// <summary>Whether every event passes.</summary>
    public bool IsEmpty => Terms.Count == 0 && string.IsNullOrEmpty(Text);

    /// <inheritdoc/>
    public bool Equals(EventFilter? other) => other is not null && Terms.SequenceEqual(other.Terms)
        && Text == other.Text && IsRegex == other.IsRegex && MatchCase == other.MatchCase;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Terms.Count, Text, IsRegex, MatchCase);
}

/// <summary>One condition on a field.</summary>
/// <param name="Field">A column (level, source, endpoint, method, status, …), <c>status_class</c> (2xx … 5xx), or <c>attributes.NAME</c>.</param>
/// <param name="Value">Value to compare with, as text.</param>
/// <param name="Exclude">Whether events with this value are left out instead.</param>
public sealed record FilterTerm(string Field, string Value, bool Exclude = false);
