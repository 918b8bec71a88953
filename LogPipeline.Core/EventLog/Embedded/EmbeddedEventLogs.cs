using LogPipeline.Core.DataFolders;
using LogPipeline.Core.Streams;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.EventLog.Embedded;

/// <summary>The embedded logs of every configured stream, below <c>eventlog/</c> of the data folder.</summary>
public sealed class EmbeddedEventLogs : IEventLogs, IAsyncDisposable
{
    private readonly List<EmbeddedEventLog> logs = [];

    /// <summary>Opens them all.</summary>
    /// <exception cref="EventLogException">One cannot be opened.</exception>
    public EmbeddedEventLogs(DataFolder folder, StreamRegistry streams, IOptions<EventLogOptions> options, EventLogEvents events, TimeProvider time)
    {
        foreach (var stream in streams.All)
        {
            logs.Add(EmbeddedEventLog.Open(Path.Combine(folder.EventLog, stream.Name), stream, options.Value, events, time));
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<IEventLog> All => logs;

    /// <inheritdoc/>
    public IEventLog? Find(string stream) => logs.Find(log => log.Stream.Name == stream);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var log in logs)
        {
            await log.DisposeAsync();
        }
    }
}
