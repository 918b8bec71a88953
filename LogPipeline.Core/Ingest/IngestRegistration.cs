using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Ingest;

/// <summary>Composes the ingest.</summary>
public static class IngestRegistration
{
    /// <summary>Adds the ingest. Needs the event logs.</summary>
    public static IServiceCollection AddIngest(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<IngestOptions>().ValidateOnStart();
        services.AddSingleton<IValidateOptions<IngestOptions>, IngestOptionsValidator>();
        services.AddSingleton<IngestEvents>();
        services.AddSingleton<IngestCounters>();
        services.AddSingleton<IngestService>();
        services.AddSingleton<Files.FileImport>();
        services.AddSingleton<Files.FileFollower>();
        services.AddSingleton<Files.FolderFollower>();
        return services;
    }
}
