namespace LogPipeline.Core.Live;

/// <summary>Section <c>LogPipeline:Live</c>: how much of the present is kept in memory.</summary>
public sealed class LiveOptions
{
    /// <summary>Where these options stand in the configuration.</summary>
    public const string Section = "LogPipeline:Live";

    /// <summary>Recent events a stream that can be listed and filtered.</summary>
    public int RingCapacity { get; set; } = 100_000;

    /// <summary>Events a stream that are read back from the event log at the start, at most.</summary>
    public int ReadBack { get; set; } = 2_000_000;

    /// <summary>Distinct endpoints that are told apart; rarer ones are counted together as <c>(other)</c>.</summary>
    public int MaxEndpoints { get; set; } = 2_000;

    /// <summary>Distinct sources that are told apart; rarer ones are counted together as <c>(other)</c>.</summary>
    public int MaxSources { get; set; } = 200;

    /// <summary>Memory a stream for metrics, in MiB. Beyond it older metrics get coarser, then go.</summary>
    public int MetricsMemoryMiB { get; set; } = 128;

    /// <summary>An event that took longer than this many milliseconds is flagged.</summary>
    public double SlowMs { get; set; } = 1_000;
}
