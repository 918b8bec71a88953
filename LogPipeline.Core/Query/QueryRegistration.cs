using LogPipeline.Core.DataFolders;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Live;
using LogPipeline.Core.Query.DuckDb;
using LogPipeline.Core.Query.Events;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Query;

/// <summary>Registers the query stage.</summary>
public static class QueryRegistration
{
    /// <summary>Key of the engine in this process, which is there in every configuration: it reads the tables whoever writes them.</summary>
    public const string Embedded = "embedded";

    /// <summary>Adds the embedded engine, which is the usual one unless another <see cref="IQueryEngine"/> is there already, and the service in front of both. Needs an <see cref="ITableCatalog"/>; a <see cref="DataFolder"/> keeps the history and takes what does not fit into memory.</summary>
    public static IServiceCollection AddQuery(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<QueryOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<QueryOptions>, Places>(provider => new Places(provider.GetService<DataFolder>())));
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<QueryOptions>, QueryOptionsValidator>());
        services.TryAddSingleton<QueryEvents>();
        services.TryAddKeyedSingleton<IQueryEngine>(Embedded, (provider, _) => new DuckDbQueryEngine(
            provider.GetRequiredService<ITableCatalog>(),
            provider.GetRequiredService<IOptions<QueryOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => provider.GetRequiredKeyedService<IQueryEngine>(Embedded));
        services.TryAddSingleton(provider => new QueryHistory(provider.GetRequiredService<IOptions<QueryOptions>>(), provider.GetRequiredService<QueryEvents>()));
        services.TryAddSingleton(provider => new QueryService(
            [.. new[] { provider.GetRequiredService<IQueryEngine>(), provider.GetRequiredKeyedService<IQueryEngine>(Embedded) }.Distinct()],
            provider.GetRequiredService<QueryHistory>(),
            provider.GetRequiredService<IOptions<QueryOptions>>(),
            provider.GetRequiredService<QueryEvents>(),
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IEventPages>(provider => new EventPages(
            provider.GetRequiredService<IEventLogs>(),
            provider.GetRequiredService<ILiveViews>(),
            provider.GetRequiredService<ITableCatalog>(),
            provider.GetRequiredService<ITablePositions>(),
            provider.GetRequiredKeyedService<IQueryEngine>(Embedded),
            provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    /// <summary>Puts what queries keep into the data folder. A process that does not own the folder leaves no traces in it.</summary>
    private sealed class Places(DataFolder? folder) : IPostConfigureOptions<QueryOptions>
    {
        public void PostConfigure(string? name, QueryOptions options)
        {
            if (folder is { IsOwner: true })
            {
                options.SpillFolder ??= Path.Combine(folder.Temporary, "query");
                options.HistoryFile ??= Path.Combine(folder.State, "query-history.ndjson");
            }
        }
    }
}
