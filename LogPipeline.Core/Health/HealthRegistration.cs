using Microsoft.Extensions.DependencyInjection;

namespace LogPipeline.Core.Health;

/// <summary>Composes the health monitor.</summary>
public static class HealthRegistration
{
    /// <summary>Adds the report of every stage. Needs the event logs, the live views, the lake and the queries.</summary>
    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.AddSingleton<HealthEvents>();
        services.AddSingleton<HealthMonitor>();
        services.AddSingleton<IHealthSource>(provider => provider.GetRequiredService<HealthMonitor>());
        services.AddHostedService(provider => provider.GetRequiredService<HealthMonitor>());
        return services;
    }
}
