using LogPipeline.Core.EventLog.Embedded;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.EventLog;

/// <summary>Composes the event log.</summary>
public static class EventLogRegistration
{
    /// <summary>Adds the embedded logs. Needs the streams and an owned data folder.</summary>
    public static IServiceCollection AddEventLog(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<EventLogOptions>().ValidateOnStart();
        services.AddSingleton<IValidateOptions<EventLogOptions>, EventLogOptionsValidator>();
        services.AddSingleton<EventLogEvents>();
        services.AddSingleton<IEventLogs, EmbeddedEventLogs>();
        return services;
    }
}
