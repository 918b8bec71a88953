using Microsoft.Playwright;
using Xunit;

namespace LogPipeline.Tests.Web.Browser;

/// <summary>A real browser for one test class.</summary>
internal sealed class OwnBrowser : IAsyncDisposable
{
    private readonly IPlaywright playwright;

    private OwnBrowser(IPlaywright playwright, IBrowser browser)
    {
        this.playwright = playwright;
        Browser = browser;
    }

    /// <summary>The browser.</summary>
    public IBrowser Browser { get; }

    /// <summary>Skips the test where there is no browser.</summary>
    public static void Require() => Assert.SkipWhen(PagesFixture.Chromium is null, "Chromium is not installed (Debian: apt-get install chromium)");

    /// <summary>Starts one.</summary>
    public static async Task<OwnBrowser> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        return new OwnBrowser(playwright, await playwright.Chromium.LaunchAsync(PagesFixture.Launch));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        playwright.Dispose();
    }
}
