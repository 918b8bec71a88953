using LogPipeline.Core.EventLog;
using Microsoft.Extensions.DependencyInjection;

namespace LogPipeline.Core.Health;

/// <summary>What reports about systems that not every configuration has.</summary>
/// <param name="Brokers">The brokers behind the event logs; null when the log is embedded.</param>
/// <param name="Engine">The engine outside of this process; null when it is embedded.</param>
/// <param name="Web">Who is watching; null without pages.</param>
internal sealed record ExternalSystems(IBrokerBrowser? Brokers, IEngineHealth? Engine, IWebActivity? Web)
{
    /// <summary>Those that are composed.</summary>
    public static ExternalSystems Of(IServiceProvider services) =>
        new(services.GetService<IBrokerBrowser>(), services.GetService<IEngineHealth>(), services.GetService<IWebActivity>());
}
