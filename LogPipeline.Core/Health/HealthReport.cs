using LogPipeline.Core.Lake;

namespace LogPipeline.Core.Health;

/// <summary>How well a part of the pipeline works.</summary>
public enum HealthState
{
    /// <summary>It works.</summary>
    Connected,

    /// <summary>Some of it works.</summary>
    Partial,

    /// <summary>It does not work.</summary>
    Disconnected,

    /// <summary>It is starting, or trying again.</summary>
    Connecting,

    /// <summary>It is not part of this configuration.</summary>
    Off,
}

/// <summary>The pipeline at one instant.</summary>
/// <param name="At">The instant.</param>
/// <param name="State">The worst state of a stage that matters.</param>
/// <param name="Stages">Ingest, Event log, Live, Lake, Query and Web, in data order.</param>
/// <param name="Conservation">Where every event of the stream is.</param>
public sealed record HealthReport(DateTimeOffset At, HealthState State, IReadOnlyList<StageHealth> Stages, Conservation Conservation)
{
    /// <summary>Records that no table held at the last 60 looks, a second apart, oldest first.</summary>
    public IReadOnlyList<long> RecentInFlight { get; init; } = [];

    /// <summary>The table writer's last batches, oldest first, at most 60; of several within a second the last one.</summary>
    public IReadOnlyList<TableWriterFigures> RecentBatches { get; init; } = [];
}

/// <summary>One stage of the pipeline.</summary>
/// <param name="Name">Such as <c>Event log</c>.</param>
/// <param name="State">How well it works.</param>
/// <param name="About">What it is, such as <c>FasterLog · 12 MB</c>.</param>
/// <param name="Problem">What is wrong and what to do about it; null when nothing is.</param>
/// <param name="Figures">Three figures at most.</param>
/// <param name="Headline">The one figure for the pill in the app bar, such as <c>1,184/s</c>.</param>
public sealed record StageHealth(string Name, HealthState State, string About, string? Problem, IReadOnlyList<StageFigure> Figures, string Headline)
{
    /// <summary>What the pill in the app bar is named after, such as <c>Kafka</c>; the stage itself unless another system does its work.</summary>
    public string Pill { get; init; } = Name;

    /// <summary>The system outside that is at fault, such as <c>Spark</c>; null when the stage itself is, or nothing is wrong.</summary>
    public string? Cause { get; init; }
}

/// <summary>One figure of a stage.</summary>
/// <param name="Label">Such as <c>rate</c>.</param>
/// <param name="Value">Such as <c>1,184/s</c>; an en dash for none.</param>
public sealed record StageFigure(string Label, string Value);

/// <summary>Where every event of a stream is: received = stored + duplicate + dead-lettered + in flight.</summary>
/// <param name="Received">Records received since the stream began.</param>
/// <param name="Stored">Rows of the table.</param>
/// <param name="Duplicate">Records recognised as sent before.</param>
/// <param name="DeadLettered">Rows of <c>dead_letters</c>.</param>
/// <param name="InFlight">Records in the event log that no table holds yet.</param>
/// <param name="InFlightOldestMs">Age of the oldest of them, in milliseconds; null for none.</param>
public sealed record Conservation(long Received, long Stored, long Duplicate, long DeadLettered, long InFlight, double? InFlightOldestMs)
{
    /// <summary>What does not add up; 0 when everything does.</summary>
    public long Difference => Received - Stored - Duplicate - DeadLettered - InFlight;
}

/// <summary>Reports the pipeline's health.</summary>
public interface IHealthSource
{
    /// <summary>The latest report for a stream; refreshed at least once a second.</summary>
    HealthReport Read(string stream);
}
