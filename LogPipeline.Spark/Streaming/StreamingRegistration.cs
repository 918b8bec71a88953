using LogPipeline.Core.Configuration;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.EventLog.Kafka;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Writing;
using LogPipeline.Spark.Broker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace LogPipeline.Spark.Streaming;

/// <summary>Composes what writes the tables by the two switches.</summary>
public static class StreamingRegistration
{
    /// <summary>Adds the checks of the configuration, and what <c>Broker</c> and <c>Engine</c> ask for. Needs the lake and <see cref="SparkRegistration.AddSpark"/>.</summary>
    /// <remarks>
    /// Positions of both engines are read whichever of them writes: one that is started after the other begins where that ended, and a change of broker knows
    /// how far the topic was stored.
    /// </remarks>
    public static IServiceCollection AddSparkWriters(this IServiceCollection services, PipelineOptions host)
    {
        ArgumentNullException.ThrowIfNull(host);
        services.AddOptions<SparkStreamingOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SparkStreamingOptions>, SparkStreamingOptionsValidator>(
            provider => new SparkStreamingOptionsValidator(host, provider.GetService<IOptions<SparkOptions>>()?.Value)));
        services.AddSingleton(provider => new StreamFolders(provider.GetRequiredService<IOptions<SparkStreamingOptions>>().Value, provider.GetRequiredService<IOptions<LakeOptions>>().Value, provider.GetService<DataFolder>()));
        services.Replace(ServiceDescriptor.Singleton<ITablePositions>(provider => new StreamingPositions(
            provider.GetRequiredService<StreamFolders>().Checkpoints, provider.GetRequiredService<IOptions<LakeOptions>>().Value)));
        if (host.Engine == EngineKind.Spark)
        {
            services.Replace(ServiceDescriptor.Singleton<IStreamWriterFactory>(provider => new SparkWriterFactory(
                host,
                provider.GetRequiredService<SparkBroker>(),
                provider.GetRequiredService<LakeTables>(),
                provider.GetRequiredService<StreamFolders>(),
                provider.GetRequiredService<IOptions<LakeOptions>>().Value,
                provider.GetRequiredService<IOptions<SparkStreamingOptions>>().Value,
                provider.GetRequiredService<IOptions<KafkaOptions>>().Value,
                provider.GetRequiredService<IOptions<IngestOptions>>().Value,
                provider.GetRequiredService<LakeEvents>(),
                provider.GetRequiredService<LakeWriterFactory>(),
                provider.GetRequiredService<TimeProvider>())));
        }

        return services;
    }
}
