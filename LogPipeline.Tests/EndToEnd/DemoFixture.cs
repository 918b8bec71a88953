using LogPipeline.Tests.Web.Browser;
using Microsoft.Playwright;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>The demo in a process of its own and a browser that looks at it; neither is started where there is no Chromium.</summary>
public sealed class DemoFixture : IAsyncLifetime
{
    private readonly TestFolder folder = new();
    private HostProcess? host;
    private OwnBrowser? browser;

    /// <summary>The browser.</summary>
    public IBrowser Browser => browser!.Browser;

    /// <summary>The demo.</summary>
    internal HostProcess Host => host!;

    public async ValueTask InitializeAsync()
    {
        if (PagesFixture.Chromium is null)
        {
            return;
        }

        host = await HostProcess.StartAsync("demo", folder.Path);
        browser = await OwnBrowser.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        if (host is not null)
        {
            await host.DisposeAsync();
        }

        folder.Dispose();
    }
}
