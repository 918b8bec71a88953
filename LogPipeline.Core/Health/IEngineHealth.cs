namespace LogPipeline.Core.Health;

/// <summary>Reports on an engine outside of this process that writes tables or answers queries.</summary>
/// <remarks>Composed only when <c>LogPipeline:Engine</c> or <c>LogPipeline:Query:Engine</c> names such an engine. How its writers are doing is <see cref="Lake.ITableWriter"/>.</remarks>
public interface IEngineHealth
{
    /// <summary>The engine by the latest look. Never waits; true within 3 s of a change; may be read from any thread.</summary>
    EngineStatus Status { get; }

    /// <summary>Tries to start or reach the engine at once instead of at <see cref="EngineStatus.NextTryAt"/>. Does nothing while it answers or is being tried.</summary>
    void TryNow();
}

/// <summary>An engine at one instant. What is not known is null.</summary>
/// <param name="At">When it last answered, or was last asked in vain.</param>
/// <param name="State">Connecting while its server starts or is tried again; disconnected when nothing is tried before the next pause is over.</param>
/// <param name="Name">Such as <c>Spark</c>.</param>
/// <param name="Problem">What is wrong and what to do about it, for a person; null while it answers.</param>
public sealed record EngineStatus(DateTimeOffset At, HealthState State, string Name, string? Problem)
{
    /// <summary>Version of the engine, such as <c>4.2.0</c>.</summary>
    public string? Version { get; init; }

    /// <summary>Version of Delta Lake that it writes with, such as <c>4.4.0</c>.</summary>
    public string? DeltaVersion { get; init; }

    /// <summary>Where it computes, such as <c>local[2]</c> or <c>spark://host:7077</c>.</summary>
    public string? Master { get; init; }

    /// <summary>Address of its server, without a secret, such as <c>sc://127.0.0.1:15002</c>.</summary>
    public string? Address { get; init; }

    /// <summary>Process of its server; null when that is not on this machine.</summary>
    public int? ProcessId { get; init; }

    /// <summary>Who ends the server: this host, another one, or nobody here.</summary>
    public EngineOwner Owner { get; init; }

    /// <summary>Identity of the one session that every part of this host uses.</summary>
    public string? SessionId { get; init; }

    /// <summary>When that session began.</summary>
    public DateTimeOffset? SessionSince { get; init; }

    /// <summary>How often the session was made anew since the host started.</summary>
    public int Restarts { get; init; }

    /// <summary>Tries that failed since it last answered.</summary>
    public int FailedTries { get; init; }

    /// <summary>When it is tried next; null while it answers or is being tried.</summary>
    public DateTimeOffset? NextTryAt { get; init; }

    /// <summary>Memory that its server uses, in bytes.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Heap that its server may use, in bytes.</summary>
    public long? MaxHeapBytes { get; init; }

    /// <summary>Statements and streams that run in it now.</summary>
    public int? Running { get; init; }

    /// <summary>The last failure, though it was overcome.</summary>
    public string? LastError { get; init; }

    /// <summary>When that was.</summary>
    public DateTimeOffset? LastErrorAt { get; init; }

    /// <summary>The last lines that its server wrote, oldest first, at most 20; empty when this host does not see them.</summary>
    public IReadOnlyList<string> RecentLines { get; init; } = [];

    /// <summary>The engine's own pages.</summary>
    public IReadOnlyList<EngineLink> Links { get; init; } = [];
}

/// <summary>Who ends an engine's server.</summary>
public enum EngineOwner
{
    /// <summary>Others run it; no host of ours ends it.</summary>
    Others,

    /// <summary>This host.</summary>
    ThisHost,

    /// <summary>Another host of ours; this one takes over when that one ends.</summary>
    AnotherHost,
}

/// <summary>A page of an engine.</summary>
/// <param name="Name">Such as <c>Spark UI</c>.</param>
/// <param name="Url">Its address.</param>
public sealed record EngineLink(string Name, string Url);
