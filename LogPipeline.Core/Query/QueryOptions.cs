using LogPipeline.Core.Configuration;

namespace LogPipeline.Core.Query;

/// <summary>Limits of queries; section <c>LogPipeline:Query</c>.</summary>
public sealed class QueryOptions
{
    /// <summary>Most rows that <see cref="MaxRows"/> may ask for.</summary>
    public const int RowsCeiling = 1_000_000;

    /// <summary>Most rows that a request may ask for whose rows are written as they come.</summary>
    public const int StreamedRowsCeiling = 1_000_000_000;

    /// <summary>What answers queries: <c>Embedded</c> runs in this process, <c>Spark</c> is real Spark SQL (section <c>LogPipeline:Spark</c>); both read the same tables, and a query may still ask for the embedded engine. None takes what <c>LogPipeline:Engine</c> says.</summary>
    public EngineKind? Engine { get; set; }

    /// <summary>Time a query may take, from its start; 30 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Rows returned at most when a request does not ask for fewer; 10,000.</summary>
    public int MaxRows { get; set; } = 10_000;

    /// <summary>Bytes of rows that one answer may hold, in MiB, where it is held as a whole, as on the query page; 256. A longer answer is cut and says so.</summary>
    public int MaxResultMb { get; set; } = 256;

    /// <summary>Memory of all running queries together, in MiB; 0 takes a quarter of the machine's, at most 4 GiB.</summary>
    public int MemoryMb { get; set; }

    /// <summary>Disk that queries may spill to, in MiB; 4,096.</summary>
    public int SpillMb { get; set; } = 4_096;

    /// <summary>Threads of all running queries together; 0 takes one for each core.</summary>
    public int Threads { get; set; }

    /// <summary>Queries that run at once; 4.</summary>
    public int Concurrency { get; set; } = 4;

    /// <summary>Queries that wait for their turn; more are refused at once. 32.</summary>
    public int Queue { get; set; } = 32;

    /// <summary>Statements remembered; 500.</summary>
    public int History { get; set; } = 500;

    /// <summary>Folder for spilled data; null keeps everything in memory. In a host it is <c>tmp/query</c> of the data folder.</summary>
    public string? SpillFolder { get; set; }

    /// <summary>File that remembers statements; null forgets them at the end. In a host it is <c>state/query-history.ndjson</c> of the data folder.</summary>
    public string? HistoryFile { get; set; }

    /// <summary>The memory limit in bytes after defaults.</summary>
    internal long MemoryBytes => MemoryMb > 0
        ? MemoryMb * 1024L * 1024
        : Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4, 256L << 20, 4L << 30);

    /// <summary>The number of threads after defaults.</summary>
    internal int ThreadCount => Threads > 0 ? Threads : Environment.ProcessorCount;
}
