using LogPipeline.Web.Hosting;

namespace LogPipeline.Web.Rest;

/// <summary>Whether the host lives, whether it takes events, and how every stage is.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/ping", () => Results.Text("pong")).WithTags("Health").WithSummary("Answers pong");
        routes.MapGet("/health/live", () => Results.Text("live")).WithTags("Health").WithSummary("Whether the process answers");
    }
}
