using System.Text;
using System.Text.Unicode;
using LogPipeline.Core.EventLog;

namespace LogPipeline.Web.DeadLetters;

/// <summary>One record that did not fit its stream.</summary>
/// <param name="Position">Where it stands in the event log.</param>
/// <param name="ReceivedAtMicros">When it was received, microseconds since 1970.</param>
/// <param name="Source">File, sender or generator.</param>
/// <param name="Field">Field at fault; null when the whole record is.</param>
/// <param name="Reason">What is wrong with it.</param>
/// <param name="Raw">The bytes as received; null where they were not read.</param>
public sealed record DeadLetterRow(EventPosition Position, long ReceivedAtMicros, string? Source, string? Field, string? Reason, ReadOnlyMemory<byte>? Raw)
{
    /// <summary>The bytes as text; null when they are not UTF-8.</summary>
    public string? Text => Raw is { } raw && Utf8.IsValid(raw.Span) ? Encoding.UTF8.GetString(raw.Span) : null;
}
