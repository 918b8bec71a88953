using System.Collections.Concurrent;
using System.Threading.Channels;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Upkeep;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Lake;

/// <summary>Keeps the tables that this process writes small and quick to open, in the background and one at a time.</summary>
internal sealed class LakeUpkeep(LakeTables tables, IOptions<LakeOptions> options, LakeEvents events, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<DeltaTable, TableUpkeep> upkeeps = new();
    private readonly Channel<DeltaTable> wanted = Channel.CreateUnbounded<DeltaTable>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource stop = new();
    private Task running = Task.CompletedTask;

    /// <summary>The upkeep of one table.</summary>
    public TableUpkeep Of(DeltaTable table) => upkeeps.GetOrAdd(table, one => new TableUpkeep(one, options.Value, events, time));

    /// <summary>Says that a table has a new version.</summary>
    public void Notify(DeltaTable table)
    {
        // One request a table is enough, however many versions it stands for.
        if (Of(table).TryRequest())
        {
            wanted.Writer.TryWrite(table);
        }
    }

    public void Start() => running = Task.Run(RunAsync);

    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await running;
    }

    /// <inheritdoc/>
    public void Dispose() => stop.Dispose();

    private async Task RunAsync()
    {
        try
        {
            await foreach (var table in wanted.Reader.ReadAllAsync(stop.Token))
            {
                var upkeep = Of(table);
                upkeep.TakeRequest();
                try
                {
                    // A table that another host has taken over is that one's to look after.
                    if (tables.Leases.IsHeld(table.Name))
                    {
                        upkeep.Work(stop.Token);
                    }
                }
                catch (Exception error) when (error is not OperationCanceledException)
                {
                    events.UpkeepFailed(table.Name, error);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping: what is left is done after the next start.
        }
    }
}
