using LogPipeline.Core.Configuration;
using LogPipeline.Core.Health;
using LogPipeline.Web.Components;
using LogPipeline.Web.Hosting;
using LogPipeline.Web.Security;
using LogPipeline.Web.Sse;

namespace LogPipeline.Web.Rest;

/// <summary>REST, SSE, their description and what guards them.</summary>
internal static class RestRegistration
{
    public static IServiceCollection AddRest(this IServiceCollection services)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(provider => provider.GetRequiredService<PipelineOptions>().Http);
        services.AddSingleton(provider => new AccessKeys(provider.GetRequiredService<PipelineOptions>().Auth));
        services.AddSingleton<WebClients>();
        services.AddSingleton<IWebActivity>(provider => provider.GetRequiredService<WebClients>());
        services.AddSingleton<SseEvents>();
        services.AddPrometheus();
        services.AddOpenApiDescription();
        return services;
    }

    /// <summary>The order of a request: headers → errors → host and origin → access → endpoint.</summary>
    public static void UseLogPipeline(this WebApplication app, bool withPages = true)
    {
        app.UseHealthPath();
        app.UseMiddleware<SecurityHeadersMiddleware>();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseMiddleware<HostAndOriginMiddleware>();
        app.UseMiddleware<AccessMiddleware>();
        if (withPages)
        {
            app.UseNotFoundPage();
        }

        app.UseRouting();
        app.MapLogin();
        app.MapHealth();
        app.MapIngest();
        app.MapLive();
        app.MapQuery();
        app.MapCatalog();
        app.MapDeadLetters();
        app.MapPrometheusScrapingEndpoint("/metrics");
        app.MapEvents();
        app.MapOpenApiDescription();
        if (withPages)
        {
            app.MapPages();
        }
    }
}
