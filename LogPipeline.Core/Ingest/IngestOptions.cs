namespace LogPipeline.Core.Ingest;

/// <summary>Limits of what is taken in, and how files are followed. Section <c>LogPipeline:Ingest</c>.</summary>
public sealed class IngestOptions
{
    /// <summary>Where these options stand in the configuration.</summary>
    public const string Section = "LogPipeline:Ingest";

    /// <summary>Longest event or line, in bytes; longer ones go to dead letters. Default 1 MiB.</summary>
    public int MaxEventBytes { get; set; } = 1 << 20;

    /// <summary>Longest value of a text column, in bytes of UTF-8. Default 64 KiB. Attributes are bounded by <see cref="MaxEventBytes"/> alone.</summary>
    public int MaxFieldBytes { get; set; } = 64 * 1024;

    /// <summary>Deepest nesting of a JSON event. Default 64.</summary>
    public int MaxDepth { get; set; } = 64;

    /// <summary>Largest body of one HTTP request, in bytes after decompression. Default 256 MiB; the body is read piece by piece.</summary>
    public long MaxBodyBytes { get; set; } = 256L << 20;

    /// <summary>Arrow bytes after which a batch is handed to the event log, whose entries hold 4 MiB. Default 2 MiB.</summary>
    public int BatchBytes { get; set; } = 2 << 20;

    /// <summary>Rows after which a batch is handed to the event log. Default 65,536.</summary>
    public int BatchRows { get; set; } = 65_536;

    /// <summary>How far an event's time may lie ahead of the clock. Default 24 hours.</summary>
    public TimeSpan MaxAhead { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Requests that are parsed at the same time; others wait. Default 8.</summary>
    public int MaxConcurrentRequests { get; set; } = 8;

    /// <summary>How long a request that is partly durable waits for room for its rest. Default 20 s.</summary>
    public TimeSpan MaxFullWait { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How often a followed file is looked at when the system reports no change. Default 250 ms.</summary>
    public TimeSpan FilePollInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a file that was rotated away is still read, counted from its last growth. Default 10 s.</summary>
    public TimeSpan RotatedFileWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Idle time that ends a session made up from address and agent in access logs. Default 30 min.</summary>
    public TimeSpan SessionIdle { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Visitors remembered to make up those sessions; the longest idle ones are forgotten first. Default 262,144.</summary>
    public int MaxSessions { get; set; } = 262_144;
}
