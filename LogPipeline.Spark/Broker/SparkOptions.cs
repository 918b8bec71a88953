namespace LogPipeline.Spark.Broker;

/// <summary>Connection to Spark, for <c>Engine</c> = <c>Spark</c>. Section <c>LogPipeline:Spark</c>.</summary>
public sealed class SparkOptions
{
    /// <summary>Folder of a Spark 4 distribution that has Delta Lake's jars among its own; variable <c>SPARK_HOME</c>. Not needed for a <c>Master</c> of <c>sc://</c>.</summary>
    public string? Home { get; set; }

    /// <summary>Folder of Java 17 or later; variable <c>JAVA_HOME</c>. None takes <c>java</c> from the path.</summary>
    public string? JavaHome { get; set; }

    /// <summary>Where Spark computes: <c>local[*]</c> or <c>local[N]</c> on this machine, <c>spark://host:7077</c> on a cluster, both from a Connect server that the host starts; or <c>sc://host:15002</c> for a Connect server that runs already.</summary>
    public string Master { get; set; } = "local[*]";

    /// <summary>Heap of the Connect server. At least 512MiB.</summary>
    public long MemoryBytes { get; set; } = 2L << 30;

    /// <summary>Port of the Connect server that the host starts; 0 takes a free one.</summary>
    public int ConnectPort { get; set; }

    /// <summary>Whether Spark's own pages are served, on <c>LocalIp</c>.</summary>
    public bool UiEnabled { get; set; }

    /// <summary>Port of Spark's own pages.</summary>
    public int UiPort { get; set; } = 4040;

    /// <summary>How many ports after <c>UiPort</c> are tried when it is taken.</summary>
    public int PortMaxRetries { get; set; } = 16;

    /// <summary>Address that the Connect server binds. Workers of a cluster reach the server at it.</summary>
    public string LocalIp { get; set; } = "127.0.0.1";

    /// <summary>Secret of the Connect server; variable <c>SPARK_CONNECT_AUTHENTICATE_TOKEN</c>. None makes a new one for each server that the host starts.</summary>
    public string? Token { get; set; }

    /// <summary>Jars, or folders of jars, besides those of <c>Home</c>, such as a file system's.</summary>
    public IList<string> Jars { get; } = [];

    /// <summary>Settings of Spark itself, such as <c>spark.sql.shuffle.partitions</c>; they win over the host's choice.</summary>
    public IDictionary<string, string> Conf { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Folder of <c>spark.json</c> and of what the server keeps. None means <c>state</c> in the data folder. Hosts of one machine and one lake that name the same folder share one server.</summary>
    public string? StateFolder { get; set; }

    /// <summary>Time from the start of a server to its first answer. At least 5 s.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>A server that has not answered for this long is replaced. At least 10 s.</summary>
    public TimeSpan HangTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Time between two looks at the server. 100 ms to 1 min.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Wait before the second try to start a server; it doubles with each further one.</summary>
    public TimeSpan RestartDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait between two tries.</summary>
    public TimeSpan MaxRestartDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Starts within <c>RestartWindow</c> at most; the next one waits until the window allows it.</summary>
    public int MaxRestarts { get; set; } = 10;

    /// <summary>See <c>MaxRestarts</c>.</summary>
    public TimeSpan RestartWindow { get; set; } = TimeSpan.FromMinutes(10);
}
