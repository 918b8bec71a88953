using LogPipeline.Web.Components.Format;
using LogPipeline.Web.Components.Layout;
using LogPipeline.Web.Components.State;
using LogPipeline.Web.Components.Status;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MudBlazor;
using MudBlazor.Services;

namespace LogPipeline.Web.Components;

/// <summary>Puts the pages into the host.</summary>
public static class PagesRegistration
{
    /// <summary>Registers what the pages need, apart from the stages that they show.</summary>
    public static IServiceCollection AddPages(this IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents(options =>
        {
            options.DisconnectedCircuitMaxRetained = 100;
            options.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(3);
        }).AddHubOptions(options => options.MaximumReceiveMessageSize = 256 * 1024);
        return services.AddPageServices();
    }

    /// <summary>Registers what components ask for, without the server that hosts them.</summary>
    internal static IServiceCollection AddPageServices(this IServiceCollection services)
    {
        services.AddMudServices(options => options.PopoverOptions.CheckForPopoverProvider = false);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ScreenLatency>();
        services.AddSingleton<HostFacts>();
        services.AddScoped<CircuitLatency>();
        services.AddScoped<BrowserTime>();
        services.AddScoped<PageState>();
        services.AddScoped<PageStreams>();
        services.AddScoped<PageCommands>();
        return services;
    }

    /// <summary>Maps the pages and their files.</summary>
    public static WebApplication MapPages(this WebApplication app)
    {
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapRazorComponents<App>()
            // The host sets the policy of every answer; Blazor's own would replace it.
            .AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null);
        return app;
    }
}
