using System.Reflection;

namespace LogPipeline.Web.Components.Layout;

/// <summary>What the foot of the rail says about this host.</summary>
public sealed class HostFacts(IConfiguration configuration, TimeProvider time)
{
    private readonly long started = time.GetTimestamp();

    /// <summary>embedded or Kafka.</summary>
    public string Broker { get; } = Name(configuration["LogPipeline:Broker"]);

    /// <summary>embedded or Spark.</summary>
    public string Engine { get; } = Name(configuration["LogPipeline:Engine"]);

    /// <summary>Version of the product.</summary>
    public string Version { get; } = typeof(HostFacts).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? Numbers();

    /// <summary>Time since the host began to serve pages.</summary>
    public TimeSpan UpTime => time.GetElapsedTime(started);

    private static string Name(string? value) => value is null or "" or "Embedded" ? "embedded" : value;

    private static string Numbers() => typeof(HostFacts).Assembly.GetName().Version?.ToString(3) ?? Format.Numbers.None;
}
