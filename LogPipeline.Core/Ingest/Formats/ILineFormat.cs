using LogPipeline.Core.Ingest.Columns;

namespace LogPipeline.Core.Ingest.Formats;

/// <summary>What is wrong with a record.</summary>
/// <param name="Field">Field that is at fault, or null when the whole record is.</param>
/// <param name="Reason">For a person, such as <c>must be a whole number, not "abc"</c>.</param>
internal readonly record struct RecordError(string? Field, string Reason);

/// <summary>Reads one record (a line without its end, or one JSON object) into the current row of a builder.</summary>
/// <remarks>Formats may keep state from record to record (sessions, predictions) and are used by one thread at a time.</remarks>
internal interface ILineFormat
{
    /// <summary>Name as shown and given to <c>--format</c>, such as <c>combined</c>.</summary>
    string Name { get; }

    /// <summary>Sets the columns of the current row and commits it. On false nothing was added and <paramref name="error"/> says why.</summary>
    bool TryRead(ReadOnlySpan<byte> record, BatchBuilder row, out RecordError error);
}
