using LogPipeline.Core.Configuration;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.EventLog.Embedded;
using LogPipeline.Core.EventLog.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.EventLog;

/// <summary>Composes the event log.</summary>
public static class EventLogRegistration
{
    /// <summary>Adds the logs that <see cref="PipelineOptions.Broker"/> says; embedded ones when it says nothing. Needs the streams and an owned data folder.</summary>
    public static IServiceCollection AddEventLog(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<EventLogOptions>().ValidateOnStart();
        services.AddSingleton<IValidateOptions<EventLogOptions>, EventLogOptionsValidator>();
        services.AddSingleton<EventLogEvents>();
        services.AddOptions<KafkaOptions>().ValidateOnStart();
        services.AddSingleton<IValidateOptions<KafkaOptions>, KafkaOptionsValidator>();
        services.AddSingleton<IEventLogs>(provider => provider.GetService<PipelineOptions>()?.Broker == BrokerKind.Kafka
            ? ActivatorUtilities.CreateInstance<KafkaEventLogs>(provider)
            : ActivatorUtilities.CreateInstance<EmbeddedEventLogs>(provider));

        services.AddSingleton(provider => new OtherBroker(
            provider.GetRequiredService<IOptions<KafkaOptions>>(), provider.GetService<PipelineOptions>(), provider.GetService<DataFolder>()));

        // Null without brokers: whoever asks for it may not find it.
        services.AddSingleton(provider => (provider.GetRequiredService<IEventLogs>() as KafkaEventLogs)?.Browser!);
        return services;
    }
}
