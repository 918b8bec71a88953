namespace LogPipeline.Core.Configuration;

/// <summary>What the host is made of. Section <c>LogPipeline</c>.</summary>
public sealed class PipelineOptions
{
    /// <summary>Folder of everything that the host keeps; relative to the working folder.</summary>
    public string DataFolder { get; set; } = "./logpipeline-data";

    /// <summary>What carries events: <c>Embedded</c> keeps them in the data folder; <c>Kafka</c> keeps them in topics of real brokers (section <c>LogPipeline:Kafka</c>).</summary>
    public BrokerKind Broker { get; set; }

    /// <summary>What writes tables and, unless <c>LogPipeline:Query:Engine</c> says otherwise, answers queries: <c>Embedded</c> runs in this process, <c>Spark</c> on <c>LogPipeline:Spark</c>. The tables are the same; whichever is started goes on where the other ended.</summary>
    public EngineKind Engine { get; set; }

    /// <summary>Where pages and REST are served.</summary>
    public HttpOptions Http { get; set; } = new();

    /// <summary>Who may use the host.</summary>
    public AuthOptions Auth { get; set; } = new();

    /// <summary>The streams, by name.</summary>
    public IDictionary<string, StreamOptions> Streams { get; } = new Dictionary<string, StreamOptions>(StringComparer.OrdinalIgnoreCase);
}

/// <summary>What carries events.</summary>
public enum BrokerKind
{
    /// <summary>FasterLog in the data folder.</summary>
    Embedded,

    /// <summary>Kafka brokers.</summary>
    Kafka,
}

/// <summary>What writes tables and answers queries.</summary>
public enum EngineKind
{
    /// <summary>The Delta writer and DuckDB in this process.</summary>
    Embedded,

    /// <summary>Spark.</summary>
    Spark,
}

/// <summary>Where pages and REST are served. Section <c>LogPipeline:Http</c>.</summary>
public sealed class HttpOptions
{
    /// <summary>Port; 0 takes a free one.</summary>
    public int Port { get; set; } = 4000;

    /// <summary>Address to listen on. Anything but a loopback address needs <c>Auth:Token</c> or <c>--allow-anonymous</c>.</summary>
    public string Bind { get; set; } = "127.0.0.1";

    /// <summary>Host names that requests may name besides localhost and plain addresses, such as <c>logs.example.org</c>.</summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>Origins of other sites whose pages may call this host, such as <c>https://portal.example.org</c>.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Largest number of open event streams (<c>GET /events</c>).</summary>
    public int MaxEventStreams { get; set; } = 100;
}

/// <summary>Who may use the host. Section <c>LogPipeline:Auth</c>.</summary>
public sealed class AuthOptions
{
    /// <summary>Secret that pages (by the login link) and REST (bearer or X-Api-Key) need; empty for none. At least 16 characters.</summary>
    public string? Token { get; set; }

    /// <summary>Secret that may only send events; needs <c>Token</c> too. At least 16 characters.</summary>
    public string? IngestKey { get; set; }

    /// <summary>Serve beyond loopback without a token; every page shows a banner then. Same as <c>--allow-anonymous</c>.</summary>
    public bool AllowAnonymous { get; set; }
}

/// <summary>One stream. Section <c>LogPipeline:Streams:NAME</c>.</summary>
public sealed class StreamOptions
{
    /// <summary>Name of a shipped schema such as <c>web-log</c>, or the path of an <c>.avsc</c> file relative to the working folder.</summary>
    public string? Schema { get; set; }

    /// <summary>Kafka topic; the stream's name when absent.</summary>
    public string? Topic { get; set; }

    /// <summary>Table in schema <c>delta_lake</c>; the stream's name with underscores when absent.</summary>
    public string? Table { get; set; }

    /// <summary>What the event log keeps once it is stored.</summary>
    public RetentionOptions Retention { get; set; } = new();
}

/// <summary>What the event log keeps once it is stored. Section <c>LogPipeline:Streams:NAME:Retention</c>.</summary>
public sealed class RetentionOptions
{
    /// <summary>Size on disk.</summary>
    public long MaxBytes { get; set; } = 4L << 30;

    /// <summary>Age by the time of receipt.</summary>
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(7);
}
