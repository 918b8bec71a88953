using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Lake;

/// <summary>The embedded engine's writers of all streams. They start with the host and drain when it stops; the tables' upkeep runs as long.</summary>
internal sealed class LakeWriters : ITableWriters, IAsyncDisposable
{
    /// <summary>Time that a stopping host gives to draining: Ctrl-C ends within five seconds.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(2.5);

    private readonly LakeUpkeep upkeep;
    private readonly Lazy<IReadOnlyList<LakeWriter>> writers;

    public LakeWriters(IEventLogs logs, LakeTables tables, IOptions<LakeOptions> options, LakeEvents events, LakeUpkeep upkeep, TimeProvider time)
    {
        this.upkeep = upkeep;
        writers = new Lazy<IReadOnlyList<LakeWriter>>(
            () => [.. logs.All.Select(log => new LakeWriter(log, tables, options.Value, events, time, upkeep.Notify))]);
    }

    /// <inheritdoc/>
    public EngineKind Engine => EngineKind.Embedded;

    /// <inheritdoc/>
    public IReadOnlyList<ITableWriter> All => writers.Value;

    /// <inheritdoc/>
    public ITableWriter? Find(string stream) => All.FirstOrDefault(writer => writer.Stream == stream);

    /// <inheritdoc/>
    public async Task StoreToEndAsync(CancellationToken cancellationToken)
    {
        foreach (var writer in writers.Value)
        {
            await writer.RunToEndAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> DrainAsync(TimeSpan deadline) =>
        (await Task.WhenAll(writers.Value.Select(writer => writer.DrainAsync(deadline)))).All(done => done);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        upkeep.Start();
        foreach (var writer in writers.Value)
        {
            writer.Start();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // Upkeep waits for the next start; what it was doing must not take the disk from the drain.
        await Task.WhenAll(upkeep.StopAsync(), DrainAsync(DrainTime));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (writers.IsValueCreated)
        {
            foreach (var writer in writers.Value)
            {
                await writer.DisposeAsync();
            }
        }
    }
}
