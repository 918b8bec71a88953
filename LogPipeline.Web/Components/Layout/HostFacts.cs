using System.Reflection;
using LogPipeline.Core.Configuration;

namespace LogPipeline.Web.Components.Layout;

/// <summary>What the foot of the rail says about this host.</summary>
public sealed class HostFacts(IConfiguration configuration, TimeProvider time)
{
    private readonly long started = time.GetTimestamp();

    /// <summary>embedded or Kafka.</summary>
    public string Broker { get; } = Name<BrokerKind>(configuration["LogPipeline:Broker"]);

    /// <summary>Whether Kafka keeps the events.</summary>
    public bool HasKafka => Broker == nameof(BrokerKind.Kafka);

    /// <summary>embedded or Spark.</summary>
    public string Engine { get; } = Name<EngineKind>(configuration["LogPipeline:Engine"]);

    /// <summary>Version of the product.</summary>
    public string Version { get; } = typeof(HostFacts).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? Numbers();

    /// <summary>Time since the host began to serve pages.</summary>
    public TimeSpan UpTime => time.GetElapsedTime(started);

    private static string Name<T>(string? value)
        where T : struct, Enum => Enum.TryParse<T>(value, ignoreCase: true, out var kind) && !kind.Equals(default(T)) ? kind.ToString() : "embedded";

    private static string Numbers() => typeof(HostFacts).Assembly.GetName().Version?.ToString(3) ?? Format.Numbers.None;
}
