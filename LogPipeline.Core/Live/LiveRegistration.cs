using LogPipeline.Core.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Live;

/// <summary>Registers the live stage.</summary>
public static class LiveRegistration
{
    /// <summary>Adds <see cref="ILiveViews"/>, the <see cref="ILiveView"/> of the default stream, and their reader. Needs <see cref="StreamRegistry"/> and the event logs.</summary>
    public static IServiceCollection AddLive(this IServiceCollection services)
    {
        services.AddOptions<LiveOptions>().ValidateOnStart();
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<LiveOptions>, LiveOptionsValidator>());
        services.TryAddSingleton<LiveEvents>();
        services.TryAddSingleton<LiveViews>();
        services.TryAddSingleton<ILiveViews>(provider => provider.GetRequiredService<LiveViews>());
        services.TryAddSingleton<ILiveView>(provider => provider.GetRequiredService<LiveViews>().Views[0]);
        services.AddHostedService<LiveReader>();
        return services;
    }
}
