using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.Writing;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Lake;

/// <summary>Makes the embedded engine's writers.</summary>
internal sealed class LakeWriterFactory(
    LakeTables tables, IOptions<LakeOptions> options, LakeEvents events, LakeUpkeep upkeep, ITablePositions engines, TimeProvider time) : IStreamWriterFactory
{
    /// <inheritdoc/>
    public EngineKind Engine => EngineKind.Embedded;

    /// <inheritdoc/>
    public IStreamWriter Create(IEventLog log) => new LakeWriter(log, tables, options.Value, events, time, upkeep.Notify, engines);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> CheckAsync(IEventLog log, CancellationToken cancellationToken) =>
        Task.Run(() => TableChecks.Run(log, tables, options.Value, engines), cancellationToken);
}
