using LogPipeline.Core.EventLog;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Lake;

/// <summary>The writers of all streams. They start with the host and drain when it stops.</summary>
public sealed class LakeWriters : IHostedService, IAsyncDisposable
{
    /// <summary>Time that a stopping host gives to draining: Ctrl-C ends within five seconds.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(3.5);

    private readonly LakeUpkeep upkeep;
    private readonly Lazy<IReadOnlyList<LakeWriter>> writers;

    internal LakeWriters(IEventLogs logs, LakeTables tables, IOptions<LakeOptions> options, LakeEvents events, LakeUpkeep upkeep, TimeProvider time)
    {
        this.upkeep = upkeep;
        writers = new Lazy<IReadOnlyList<LakeWriter>>(
            () => [.. logs.All.Select(log => new LakeWriter(log, tables, options.Value, events, time, upkeep.Notify))]);
    }

    /// <summary>One writer a stream, in the order of the configuration.</summary>
    public IReadOnlyList<LakeWriter> All => writers.Value;

    /// <summary>The writer of a stream by its exact name, or null.</summary>
    public LakeWriter? Find(string stream) => All.FirstOrDefault(writer => writer.Stream == stream);

    /// <summary>Stores everything that is durable in the event logs; for verbs that import and exit without starting the host.</summary>
    /// <exception cref="LakeException">A table cannot take its stream, or its volume refuses.</exception>
    public async Task StoreToEndAsync(CancellationToken cancellationToken)
    {
        foreach (var writer in All)
        {
            await writer.RunToEndAsync(cancellationToken);
        }
    }

    /// <summary>Stores what is durable in the event logs and stops.</summary>
    /// <returns>False when a writer was not done in time.</returns>
    public async Task<bool> DrainAsync(TimeSpan deadline) =>
        (await Task.WhenAll(All.Select(writer => writer.DrainAsync(deadline)))).All(done => done);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        upkeep.Start();
        foreach (var writer in All)
        {
            writer.Start();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await DrainAsync(DrainTime);
        await upkeep.StopAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (writers.IsValueCreated)
        {
            foreach (var writer in All)
            {
                await writer.DisposeAsync();
            }
        }
    }
}
