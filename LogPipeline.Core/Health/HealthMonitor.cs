using System.Collections.Concurrent;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Live;
using LogPipeline.Core.Query;
using LogPipeline.Core.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LogPipeline.Core.Health;

/// <summary>Looks at every stage once a second and keeps the report.</summary>
internal sealed class HealthMonitor : BackgroundService, IHealthSource
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, StreamHealth> streams;
    private readonly ConcurrentDictionary<string, HealthReport> reports = new(StringComparer.OrdinalIgnoreCase);
    private readonly HealthEvents events;
    private readonly TimeProvider time;

    public HealthMonitor(
        StreamRegistry registry, IEventLogs logs, ILiveViews views, LakeTables tables, ITableWriters writers, ITablePositions positions, QueryService queries, IngestCounters ingest, IServiceProvider services, HealthEvents events, TimeProvider time)
    {
        this.events = events;
        this.time = time;
        streams = registry.All.ToDictionary(
            stream => stream.Name,
            stream => new StreamHealth(
                logs.Find(stream.Name)!, views.Find(stream.Name), writers.Engine, writers.Find(stream.Name), queries, ingest,
                new StreamAccountReader(logs.Find(stream.Name)!, tables, positions, registry.All.Count == 1),
                ExternalSystems.Of(services), time),
            StringComparer.OrdinalIgnoreCase);
    }

    /// <inheritdoc/>
    public HealthReport Read(string stream) =>
        reports.TryGetValue(stream, out var report) ? report
        : streams.TryGetValue(stream, out var health) ? reports.GetOrAdd(stream, _ => health.Look())
        : throw new ArgumentException($"There is no stream '{stream}'", nameof(stream));

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                foreach (var (name, health) in streams)
                {
                    await Task.Run(() => Look(name, health), stoppingToken);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Ending is no failure: a host that is disposed without a stop would log a cancelled service as one.
        }
    }

    private void Look(string stream, StreamHealth health)
    {
        try
        {
            reports[stream] = health.Look();
        }
        catch (Exception error)
        {
            // A report that fails must not end the host that it reports on.
            events.LookFailed(stream, error);
        }
    }
}
