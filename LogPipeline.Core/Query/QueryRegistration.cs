using LogPipeline.Core.Lake;
using LogPipeline.Core.Query.DuckDb;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Query;

/// <summary>Registers the query stage.</summary>
public static class QueryRegistration
{
    /// <summary>Adds the embedded engine, unless another <see cref="IQueryEngine"/> is there already, and the service in front of it. Needs an <see cref="ITableCatalog"/>.</summary>
    public static IServiceCollection AddQuery(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<QueryOptions>().ValidateOnStart();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<QueryOptions>, QueryOptionsValidator>());
        services.TryAddSingleton<QueryEvents>();
        services.TryAddSingleton<IQueryEngine>(provider => new DuckDbQueryEngine(
            provider.GetRequiredService<ITableCatalog>(),
            provider.GetRequiredService<IOptions<QueryOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => new QueryHistory(provider.GetRequiredService<IOptions<QueryOptions>>(), provider.GetRequiredService<QueryEvents>()));
        services.TryAddSingleton(provider => new QueryService(
            provider.GetRequiredService<IQueryEngine>(),
            provider.GetRequiredService<QueryHistory>(),
            provider.GetRequiredService<IOptions<QueryOptions>>(),
            provider.GetRequiredService<QueryEvents>(),
            provider.GetRequiredService<TimeProvider>()));
        return services;
    }
}
