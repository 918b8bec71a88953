using Microsoft.Playwright;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>The system's Chromium, without its own background traffic.</summary>
internal static class Chromium
{
    /// <summary>Launch options.</summary>
    public static BrowserTypeLaunchOptions Options { get; } = new()
    {
        ExecutablePath = "/usr/bin/chromium",
        Args = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    };
}
