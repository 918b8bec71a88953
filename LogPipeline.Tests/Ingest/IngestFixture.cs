using System.Text;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.EventLog.Embedded;
using LogPipeline.Core.Ingest;
using LogPipeline.Tests.EventLog;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace LogPipeline.Tests.Ingest;

/// <summary>The ingest on a real event log in a temporary folder.</summary>
internal sealed class IngestFixture : IAsyncDisposable, IEventLogs
{
    private readonly string folder = Directory.CreateTempSubdirectory("logpipeline-ingest-").FullName;
    private readonly EventLogEvents logEvents = new(NullLogger<EventLogEvents>.Instance);
    private readonly EmbeddedEventLog log;

    public IngestFixture(IngestOptions? options = null, TimeProvider? time = null)
    {
        Options = options ?? new IngestOptions();
        Time = time ?? TimeProvider.System;
        log = EmbeddedEventLog.Open(Path.Combine(folder, "log"), SomeBatch.Stream, new EventLogOptions { MemoryMiB = 16, SegmentMiB = 16 }, logEvents, Time);
        Events = new IngestEvents(NullLogger<IngestEvents>.Instance);
        Counters = new IngestCounters(Time);
        Service = new IngestService(this, Microsoft.Extensions.Options.Options.Create(Options), Events, Counters, Time);
    }

    public IngestOptions Options { get; }

    public TimeProvider Time { get; }

    public IngestEvents Events { get; }

    public IngestCounters Counters { get; }

    public IngestService Service { get; }

    public IEventLog Log => log;

    public string Folder => folder;

    IReadOnlyList<IEventLog> IEventLogs.All => [log];

    IEventLog? IEventLogs.Find(string stream) => stream == "web-logs" ? log : null;

    public Task<IngestReport> SendAsync(string body, IngestRequest? request = null) => SendAsync(Encoding.UTF8.GetBytes(body), request);

    public async Task<IngestReport> SendAsync(byte[] body, IngestRequest? request = null)
    {
        using var stream = new MemoryStream(body);
        return await Service.IngestAsync(request ?? new IngestRequest("web-logs"), stream, CancellationToken.None);
    }

    /// <summary>Every event as column name and text, without nulls.</summary>
    public async Task<List<Dictionary<string, string>>> EventsAsync()
    {
        var rows = new List<Dictionary<string, string>>();
        await foreach (var read in log.ReadAsync([], follow: false, CancellationToken.None))
        {
            using var batch = ((LogRead.Batch)read).Value;
            rows.AddRange(EventRows.Of(batch.Events));
        }

        return rows;
    }

    /// <summary>Every rejected record.</summary>
    public async Task<List<RejectedRecord>> RejectedAsync()
    {
        var rows = new List<RejectedRecord>();
        await foreach (var read in log.ReadAsync([], follow: false, CancellationToken.None))
        {
            using var batch = ((LogRead.Batch)read).Value;
            rows.AddRange(batch.Rejected);
        }

        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        Service.Dispose();
        Events.Dispose();
        await log.DisposeAsync();
        logEvents.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
