using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace LogPipeline.Web.Rest;

/// <summary>The meters of every stage for Prometheus, at <c>/metrics</c>.</summary>
internal static class PrometheusMetrics
{
    public static IServiceCollection AddPrometheus(this IServiceCollection services)
    {
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("logpipeline", serviceVersion: Hosting.ProductVersion.Text))
            .WithMetrics(metrics => metrics
                .AddMeter("LogPipeline.*", "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
                .AddPrometheusExporter(options => options.ScrapeResponseCacheDurationMilliseconds = 500));
        return services;
    }
}
