using LogPipeline.Core.Configuration;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.ByMinute;
using LogPipeline.Core.Lake.Writing;
using LogPipeline.Core.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Lake;

/// <summary>Composes the lake.</summary>
public static class LakeRegistration
{
    /// <summary>Adds the tables, their writers and their upkeep. Needs the event logs, and a <see cref="DataFolder"/> or <see cref="LakeOptions.Path"/>.</summary>
    /// <remarks>Another engine replaces <see cref="IStreamWriterFactory"/> and <see cref="ITablePositions"/> after this.</remarks>
    public static IServiceCollection AddLake(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<LakeOptions>().ValidateOnStart();
        services.AddSingleton<IValidateOptions<LakeOptions>, LakeOptionsValidator>();
        services.AddSingleton<LakeEvents>();
        services.AddSingleton(provider => new LakeTables(
            provider.GetRequiredService<IOptions<LakeOptions>>(), provider.GetRequiredService<TimeProvider>(), provider.GetService<DataFolder>()));
        services.AddSingleton<ITableCatalog, LakeCatalog>();
        services.AddSingleton<LakeUpkeep>();
        services.AddSingleton(provider => new LakeMaintenance(
            provider.GetRequiredService<LakeTables>(),
            provider.GetRequiredService<LakeUpkeep>(),
            provider.GetService<PipelineOptions>() is { Engine: EngineKind.Spark }
                ? provider.GetRequiredService<StreamRegistry>().All.Select(stream => stream.Table).Append(DeadLetterTable.Name).ToHashSet(StringComparer.Ordinal) : null));
        services.AddSingleton(provider => new LakeStatus(
            provider.GetRequiredService<LakeTables>(),
            provider.GetRequiredService<LakeUpkeep>(),
            provider.GetRequiredService<IOptions<LakeOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ByMinuteWriters>();
        services.AddSingleton<LakeWriterFactory>();
        services.AddSingleton<IStreamWriterFactory>(provider => provider.GetRequiredService<LakeWriterFactory>());
        services.AddSingleton<EngineSwitch>();
        services.AddSingleton<BrokerSwitch>();
        services.AddSingleton<ITableWriters, LakeWriters>();
        services.AddSingleton<ITablePositions, TransactionPositions>();
        services.AddSingleton<IRowLineage, RowLineages>();
        services.AddSingleton<IStoredEvents, StoredEvents>();
        services.AddHostedService(provider => provider.GetRequiredService<ITableWriters>());
        return services;
    }
}
