using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog;

namespace LogPipeline.Core.Lake.Writing;

/// <summary>A stream's writer as its engine runs it.</summary>
internal interface IStreamWriter : ITableWriter, IAsyncDisposable
{
    /// <summary>Starts storing in the background.</summary>
    void Start();

    /// <summary>Stores everything that is durable in the event log, then stops.</summary>
    /// <param name="deadline">Time allowed.</param>
    /// <returns>False when time ran out; the rest is stored after the next start.</returns>
    Task<bool> DrainAsync(TimeSpan deadline);

    /// <summary>Stores everything up to the present end of the event log and returns; for writers that were not started. It stays the tables' writer until <see cref="Release"/>.</summary>
    /// <exception cref="LakeException">The table cannot take the stream, another process writes it, or its volume or engine refuses.</exception>
    Task RunToEndAsync(CancellationToken cancellationToken);

    /// <summary>Begins where the tables are, as the start does, and stores nothing; for writers that were not started. It may be repeated, and leaves the other engine able to go on.</summary>
    /// <exception cref="LakeException">The table cannot take the stream, another process writes it, or its volume or engine refuses.</exception>
    Task TakeOverAsync(CancellationToken cancellationToken);

    /// <summary>Gives the tables up, so that another host may write at once; for a writer that has ended.</summary>
    void Release();
}

/// <summary>Makes the writers of one engine.</summary>
internal interface IStreamWriterFactory
{
    /// <summary>The engine.</summary>
    EngineKind Engine { get; }

    /// <summary>Makes the writer of an event log's stream.</summary>
    IStreamWriter Create(IEventLog log);

    /// <summary>Looks, without changing anything, for whatever keeps this engine from going on with a stream's tables.</summary>
    /// <returns>One problem each, for a person; none when it can.</returns>
    Task<IReadOnlyList<string>> CheckAsync(IEventLog log, CancellationToken cancellationToken);
}
