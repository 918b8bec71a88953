using LogPipeline.Web.Components.Format;
using LogPipeline.Web.Components.Layout;
using LogPipeline.Web.Components.State;
using LogPipeline.Web.Components.Status;
using LogPipeline.Web.Rest;
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

    /// <summary>Gives a person whose address leads nowhere a page that says so; programs keep the bare status.</summary>
    public static void UseNotFoundPage(this WebApplication app) => app.UseWhen(
        context => !ApiPaths.IsApi(context.Request.Path) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase),
        pages => pages.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true));

    /// <summary>Maps the pages and their files.</summary>
    public static WebApplication MapPages(this WebApplication app)
    {
        // The foot of the rail tells the time since now.
        _ = app.Services.GetRequiredService<HostFacts>();
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapRazorComponents<App>()
            // The host sets the policy of every answer; Blazor's own would replace it.
            .AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null);
        return app;
    }
}
