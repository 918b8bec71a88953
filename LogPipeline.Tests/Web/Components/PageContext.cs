using Bunit;
using LogPipeline.Core.Live;
using LogPipeline.Web.Components;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LogPipeline.Tests.Web.Components;

/// <summary>Pages in memory: their real services, a clock that the test moves, and a live view that the test fills. Scripts are loose.</summary>
public abstract class PageContext : BunitContext
{
    // A page under test answers at once; a busy machine does not.
    static PageContext() => DefaultWaitTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Pages with the services of a host that has just a live view, and what a test adds.</summary>
    protected PageContext(Action<IServiceCollection>? add = null)
    {
        Live = new SampleLiveView(Time);
        Services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        Services.AddSingleton<TimeProvider>(Time);
        Services.AddLogging();
        Services.AddPageServices();
        Services.AddSingleton<ILiveViews>(new OneView(Live));
        add?.Invoke(Services);
        JSInterop.Mode = JSRuntimeMode.Loose;
        SetRendererInfo(new RendererInfo("Server", true));
    }

    protected static DateTimeOffset Begin { get; } = new(2026, 11, 23, 14, 42, 0, TimeSpan.Zero);

    protected FakeTimeProvider Time { get; } = new(Begin);

    protected SampleLiveView Live { get; }

    protected NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    private sealed class OneView(ILiveView view) : ILiveViews
    {
        public IReadOnlyList<KeyValuePair<string, ILiveView>> All => [new("web-logs", view)];

        public ILiveView? Find(string stream) => view;
    }
}
