using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.Writing;

namespace LogPipeline.Core.Lake;

/// <summary>Hands the tables of all streams over to the engine that is composed, in place; no writer may run meanwhile.</summary>
/// <remarks>
/// What it changes are only notes of where the engine begins: until the configuration says otherwise the engine before goes on as if nothing had been. So it
/// may be killed at any moment, and repeated.
/// </remarks>
internal sealed class EngineSwitch(IEventLogs logs, LakeTables tables, IStreamWriterFactory engine, LakeWriterFactory embedded, ITablePositions positions, BrokerSwitch brokerSwitch)
{
    /// <summary>The engine that takes over.</summary>
    public EngineKind Engine => engine.Engine;

    /// <summary>Finds everything that stands against it, without changing anything.</summary>
    /// <returns>One problem each, for a person.</returns>
    public async Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        foreach (var log in logs.All)
        {
            problems.AddRange(await engine.CheckAsync(log, cancellationToken));
        }

        return [.. problems.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Hands the tables over. A batch that our own writer has committed in part is finished first, which stores what the event log holds.</summary>
    /// <returns>What each stream's table holds, and so where the engine goes on.</returns>
    /// <exception cref="LakeException">A table cannot be handed over.</exception>
    /// <exception cref="IOException">The volume failed, or the engine cannot be reached.</exception>
    public async Task<IReadOnlyList<HandedOver>> RunAsync(CancellationToken cancellationToken)
    {
        var done = new List<HandedOver>();
        foreach (var log in logs.All)
        {
            await brokerSwitch.BeginAsync(log);
            if (Engine != EngineKind.Embedded && IsHalfWay(log))
            {
                await using var before = embedded.Create(log);
                await before.RunToEndAsync(cancellationToken);
            }

            await using var writer = engine.Create(log);
            await writer.TakeOverAsync(cancellationToken);
            var table = tables.Find(log.Stream.Table)?.Snapshot();
            done.Add(new HandedOver(log.Stream.Name, log.Stream.Table, table?.Version ?? -1, positions.Read(log, table, tables.Find(DeadLetterTable.Name)?.Snapshot()).Last));
        }

        return done;
    }

    private bool IsHalfWay(IEventLog log) =>
        tables.Find(log.Stream.Table) is { } table && table.Read(state => StreamPositions.Read(state, log.Stream.Name, log.LogId, out _)).IsHalfWay;
}

/// <summary>A table that another engine writes from here on.</summary>
/// <param name="Stream">Name of the stream.</param>
/// <param name="Table">Name of its table.</param>
/// <param name="Version">Version of the table.</param>
/// <param name="Last">The last offset included of each partition; empty when nothing is stored.</param>
internal sealed record HandedOver(string Stream, string Table, long Version, IReadOnlyDictionary<int, long> Last);
