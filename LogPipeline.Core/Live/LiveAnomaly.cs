namespace LogPipeline.Core.Live;

/// <summary>Asks for what was out of the ordinary.</summary>
/// <param name="Limit">Rows at most.</param>
/// <param name="Since">Only what happened at this time or later; null for all that is remembered.</param>
/// <param name="Endpoint">Only at this endpoint.</param>
/// <param name="Source">Only from this source; bursts, which have none, are left out then.</param>
public sealed record AnomalyQuery(int Limit = 100, DateTimeOffset? Since = null, string? Endpoint = null, string? Source = null);

/// <summary>One event, or one stretch of time, that was out of the ordinary.</summary>
/// <param name="At">Time of the event, or begin of the stretch.</param>
/// <param name="Kind">error, slow, or error-burst; slow without a position is a stretch of time.</param>
/// <param name="Endpoint">Where, or null.</param>
/// <param name="Source">Source of the event, or null.</param>
/// <param name="Level">Level of the event, or null.</param>
/// <param name="Value">What was seen: milliseconds (slow), percent of errors (error-burst), status or null (error).</param>
/// <param name="Expected">What was expected, in the unit of <paramref name="Value"/>; null when nothing is.</param>
/// <param name="Explanation">Both, for a person.</param>
/// <param name="Position">Where the event stands in the event log; null for a stretch.</param>
public sealed record LiveAnomaly(
    DateTimeOffset At,
    string Kind,
    string? Endpoint,
    string? Source,
    string? Level,
    double? Value,
    double? Expected,
    string Explanation,
    EventLog.EventPosition? Position);

/// <summary>Counts since the host started, whatever the time of the events; what was read back at the start is included.</summary>
/// <param name="Events">Events read.</param>
/// <param name="Errors">Those of level ERROR or FATAL, or with a status from 500.</param>
/// <param name="Bytes">Sum of the answers' sizes.</param>
/// <param name="SinceMicros">When counting began, microseconds since 1970.</param>
public sealed record LiveTotals(long Events, long Errors, long Bytes, long SinceMicros);
