using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.ByMinute;
using LogPipeline.Core.Lake.Writing;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Lake;

/// <summary>The engine's writers of all streams. They start with the host and drain when it stops; the tables' upkeep runs as long.</summary>
internal sealed class LakeWriters : ITableWriters, IAsyncDisposable
{
    private readonly LakeUpkeep upkeep;
    private readonly TimeProvider time;
    private readonly ByMinuteWriters byMinute;
    private readonly IEventLogs logs;
    private readonly BrokerSwitch brokerSwitch;
    private readonly TimeSpan drainTimeout;
    private readonly Lazy<IReadOnlyList<IStreamWriter>> writers;

    public LakeWriters(IEventLogs logs, IStreamWriterFactory factory, LakeUpkeep upkeep, ByMinuteWriters byMinute, BrokerSwitch brokerSwitch, IOptions<LakeOptions> options, TimeProvider time)
    {
        this.upkeep = upkeep;
        this.time = time;
        this.byMinute = byMinute;
        this.logs = logs;
        this.brokerSwitch = brokerSwitch;
        drainTimeout = options.Value.DrainTimeout;
        Engine = factory.Engine;
        writers = new Lazy<IReadOnlyList<IStreamWriter>>(() => [.. logs.All.Select(factory.Create)]);
    }

    /// <inheritdoc/>
    public EngineKind Engine { get; }

    /// <inheritdoc/>
    public IReadOnlyList<ITableWriter> All => writers.Value;

    /// <inheritdoc/>
    public ITableWriter? Find(string stream) => All.FirstOrDefault(writer => writer.Stream == stream);

    /// <inheritdoc/>
    public async Task StoreToEndAsync(CancellationToken cancellationToken, string? stream = null)
    {
        await BeginAsync(stream);
        foreach (var writer in writers.Value.Where(writer => stream is null || writer.Stream == stream))
        {
            await writer.RunToEndAsync(cancellationToken);
        }

        await byMinute.RunToEndAsync(Timeout.InfiniteTimeSpan).WaitAsync(cancellationToken);
        Release();
    }

    /// <inheritdoc/>
    public async Task<bool> DrainAsync(TimeSpan deadline)
    {
        var started = time.GetTimestamp();
        var outcomes = await Task.WhenAll(writers.Value.Select(writer => writer.DrainAsync(deadline)));
        var left = deadline - time.GetElapsedTime(started);
        var isStored = outcomes.All(done => done);

        // What is not derived in time is derived after the next start: no row waits for it.
        _ = isStored && left > TimeSpan.Zero && await byMinute.RunToEndAsync(left);
        Release();
        return isStored;
    }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await BeginAsync();
        upkeep.Start();
        byMinute.Start();
        foreach (var writer in writers.Value)
        {
            writer.Start();
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // Upkeep waits for the next start; what it was doing must not take the disk from the drain.
        await Task.WhenAll(upkeep.StopAsync(), byMinute.StopAsync(), DrainAsync(drainTimeout));
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

    private void Release()
    {
        foreach (var writer in writers.Value)
        {
            writer.Release();
        }
    }

    private async Task BeginAsync(string? stream = null)
    {
        foreach (var log in logs.All.Where(log => stream is null || log.Stream.Name == stream))
        {
            await brokerSwitch.BeginAsync(log);
        }
    }
}
