using LogPipeline.Core.Configuration;
using LogPipeline.Spark.Broker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace LogPipeline.Spark;

/// <summary>Composes Spark.</summary>
public static class SparkRegistration
{
    /// <summary>Adds what <c>Engine</c> = <c>Spark</c> needs; nothing of it runs while the engine is embedded.</summary>
    public static IServiceCollection AddSpark(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<SparkOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SparkOptions>, SparkOptionsValidator>(
            provider => new SparkOptionsValidator(provider.GetService<PipelineOptions>())));
        return services;
    }
}
