using LogPipeline.Core.Configuration;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.Health;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Query;
using LogPipeline.Spark.Broker;
using LogPipeline.Spark.Query;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace LogPipeline.Spark;

/// <summary>Composes Spark.</summary>
public static class SparkRegistration
{
    /// <summary>
    /// Adds the broker of the one session and what checks its configuration. Nothing of it runs before somebody asks for the session.
    /// Needs a <see cref="DataFolder"/> or <see cref="SparkOptions.StateFolder"/>; the tables of an <see cref="ITableCatalog"/> are registered, in a host that has Spark answer queries.
    /// </summary>
    public static IServiceCollection AddSpark(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddOptions<SparkOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SparkOptions>, SparkOptionsValidator>(
            provider => new SparkOptionsValidator(provider.GetService<PipelineOptions>(), provider.GetService<QueryOptions>())));
        services.TryAddSingleton<SparkEvents>();
        services.TryAddSingleton(MakeBroker);
        return services;
    }

    /// <summary>Has Spark answer queries that ask for no engine. Goes before the query stage, whose engine is the usual one otherwise.</summary>
    public static IServiceCollection AddSparkQuery(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<IQueryEngine>(provider => new SparkQueryEngine(
            provider.GetRequiredService<SparkBroker>(),
            provider.GetRequiredService<ITableCatalog>(),
            provider.GetRequiredService<IOptions<QueryOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    /// <summary>Has the host start its Spark with itself instead of with the first query, and report on it.</summary>
    public static IServiceCollection AddSparkHost(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddSingleton<IEngineHealth>(provider => provider.GetRequiredService<SparkBroker>());
        services.AddHostedService<SparkStart>();
        return services;
    }

    private static SparkBroker MakeBroker(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<SparkOptions>>().Value;
        var state = options.StateFolder is { Length: > 0 } folder ? Path.GetFullPath(folder)
            : provider.GetService<DataFolder>()?.State ?? throw new InvalidOperationException("Neither LogPipeline:Spark:StateFolder nor a data folder is configured");
        var events = provider.GetRequiredService<SparkEvents>();
        var time = provider.GetRequiredService<TimeProvider>();
        var isAsked = provider.GetService<PipelineOptions>() is not { } host || SparkEngine.AnswersQueries(host, provider.GetService<QueryOptions>());
        var lake = provider.GetService<ITableCatalog>() is { } catalog ? new SparkLake(catalog, isAsked, events, time) : null;
        var broker = new SparkBroker(options, new SparkServerFolder(state), lake, events, time);
        SparkBroker.Publish(broker);
        return broker;
    }

    /// <summary>Starts Spark in the background: a host is up before its Spark is. It also ends in the background, while the stages drain; the broker's disposal waits for the end.</summary>
    private sealed class SparkStart(SparkBroker broker) : IHostedService
    {
        private Task ending = Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            broker.Start();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            ending = broker.StopAsync();
            return ending.IsFaulted ? ending : Task.CompletedTask;
        }
    }
}
