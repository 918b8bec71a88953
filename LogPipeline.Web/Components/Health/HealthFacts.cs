using LogPipeline.Core.EventLog;
using LogPipeline.Core.Health;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Query;
using LogPipeline.Core.Streams;

namespace LogPipeline.Web.Components.Health;

/// <summary>What the health page shows, read at one instant. What this host does not have is null.</summary>
/// <param name="Report">Every stage; null while nobody reports.</param>
/// <param name="Stream">The stream; null when this host does not hold it.</param>
/// <param name="Log">Its event log.</param>
/// <param name="Bounds">What each partition of the log holds.</param>
/// <param name="Queries">The query engine.</param>
/// <param name="Web">Who is watching.</param>
/// <param name="Tables">The stream's table and <c>dead_letters</c>.</param>
public sealed record HealthFacts(
    HealthReport? Report,
    StreamDefinition? Stream,
    EventLogStatus? Log,
    IReadOnlyList<PartitionBounds> Bounds,
    QueryState? Queries,
    WebActivity? Web,
    IReadOnlyList<TableFacts> Tables)
{
    /// <summary>Who writes the stream's table.</summary>
    public ITableWriter? Writer { get; init; }

    /// <summary>The brokers behind the event log; null when it is embedded.</summary>
    public BrokerStatus? Brokers { get; init; }

    /// <summary>The engine outside of this process; null when it is embedded.</summary>
    public EngineStatus? Engine { get; init; }
}

/// <summary>One table on the health page.</summary>
/// <param name="Name">Its name.</param>
/// <param name="HasLake">Whether this host has a lake at all.</param>
/// <param name="Status">Its figures; null before its first row, and while it cannot be read.</param>
/// <param name="FirstVersion">Oldest version that is kept.</param>
/// <param name="Problem">Why it cannot be read, or null.</param>
public sealed record TableFacts(string Name, bool HasLake, LakeTableStatus? Status, long? FirstVersion, string? Problem);

/// <summary>Reads <see cref="HealthFacts"/> from the stages that this host has.</summary>
internal sealed class HealthFactsReader(IServiceProvider services, TimeProvider time)
{
    private static readonly TimeSpan ListingPause = TimeSpan.FromSeconds(30);
    private readonly Dictionary<string, (long At, long? Version)> firstVersions = new(StringComparer.Ordinal);

    /// <summary>Reads everything now. Reads files: once at most on a circuit's thread.</summary>
    public HealthFacts Read(string stream)
    {
        var log = services.GetService<IEventLogs>()?.Find(stream);
        string[] tables = [log?.Stream.Table ?? "logs", "dead_letters"];
        return new HealthFacts(
            ReadReport(stream),
            log?.Stream,
            log?.Status,
            log?.Bounds ?? [],
            services.GetService<QueryService>()?.State,
            services.GetService<IWebActivity>()?.Read(),
            [.. tables.Select(ReadTable)])
        {
            Writer = services.GetService<ITableWriters>()?.Find(log?.Stream.Name ?? stream),
            Brokers = services.GetService<IBrokerBrowser>()?.Status,
            Engine = services.GetService<IEngineHealth>()?.Status,
        };
    }

    private HealthReport? ReadReport(string stream)
    {
        try
        {
            return services.GetService<IHealthSource>()?.Read(stream);
        }
        catch (ArgumentException)
        {
            // This host does not hold the stream.
            return null;
        }
    }

    private TableFacts ReadTable(string table)
    {
        if (services.GetService<LakeStatus>() is not { } lake)
        {
            return new TableFacts(table, false, null, null, null);
        }

        try
        {
            var status = lake.Read(table);
            return new TableFacts(table, true, status, status is null ? null : FirstVersion(lake, table), null);
        }
        catch (Exception error) when (error is LakeException or IOException or UnauthorizedAccessException)
        {
            return new TableFacts(table, true, null, null, error.Message);
        }
    }

    private long? FirstVersion(LakeStatus lake, string table)
    {
        if (!firstVersions.TryGetValue(table, out var known) || time.GetElapsedTime(known.At) > ListingPause)
        {
            firstVersions[table] = known = (time.GetTimestamp(), lake.FirstVersion(table));
        }

        return known.Version;
    }
}
