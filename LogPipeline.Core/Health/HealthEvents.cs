using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace LogPipeline.Core.Health;

/// <summary>What the health monitor tells the outside: each log line with its counter.</summary>
internal sealed partial class HealthEvents : IDisposable
{
    private readonly ILogger<HealthEvents> logger;
    private readonly Meter meter;
    private readonly Counter<long> failures;

    public HealthEvents(ILogger<HealthEvents> logger, IMeterFactory meters)
    {
        this.logger = logger;
        meter = meters.Create("LogPipeline.Health");
        failures = meter.CreateCounter<long>("logpipeline.health.failures", "{failure}", "Looks at a stream that failed; its last report stands");
    }

    public void LookFailed(string stream, Exception error)
    {
        failures.Add(1, new KeyValuePair<string, object?>("stream", stream));
        LogLookFailed(stream, error);
    }

    public void Dispose() => meter.Dispose();

    [LoggerMessage(Level = LogLevel.Error, Message = "Health of {Stream} could not be read; the last report stands")]
    private partial void LogLookFailed(string stream, Exception error);
}
