using System.Collections.Concurrent;
using Deque.AxeCore.Playwright;
using LogPipeline.Tests.House;
using Microsoft.Playwright;
using Xunit;

namespace LogPipeline.Tests.Web.Browser;

/// <summary>What is asked of every page in a browser: no error, and no request to another host.</summary>
internal static class WatchedPage
{
    /// <summary>Holds once the page answers to clicks.</summary>
    public const string IsInteractive = "() => document.documentElement.dataset.interactive === '1'";

    /// <summary>Whether LOGPIPELINE_UPDATE=1: the pictures of docs/images are made anew.</summary>
    public static bool TakesPictures { get; } = Environment.GetEnvironmentVariable("LOGPIPELINE_UPDATE") == "1";

    // Other tests may have a Spark that takes every core for minutes.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>A column that only one of the samples has.</summary>
    private static readonly string[] SampleColumns = ["error_count", "page_views", "anomaly_count"];

    /// <summary>Takes note of what is wrong from now on.</summary>
    /// <param name="page">The page.</param>
    /// <param name="origin">The only host that it may ask.</param>
    /// <param name="complaints">Where the notes go.</param>
    public static void Watch(IPage page, string origin, ConcurrentQueue<string> complaints)
    {
        page.SetDefaultTimeout((float)Patience.TotalMilliseconds);
        page.Console += (_, message) => Complain(message.Type == "error", "console: " + message.Text);
        page.PageError += (_, error) => Complain(true, "page: " + error);
        page.Dialog += (_, dialog) => Complain(true, "dialog: " + dialog.Message);
        page.Request += (_, request) => Complain(
            !request.Url.StartsWith(origin, StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal) && !request.Url.StartsWith("blob:", StringComparison.Ordinal),
            "request to " + request.Url);

        void Complain(bool wrong, string text)
        {
            if (wrong)
            {
                complaints.Enqueue($"{page.Url}: {text}");
            }
        }
    }

    /// <summary>Finds faults of access, and takes the page's picture when pictures are made anew.</summary>
    /// <param name="page">The page as it is to be seen.</param>
    /// <param name="name">Name of the picture.</param>
    /// <param name="scheme">Dark or light.</param>
    public static async Task CheckAsync(IPage page, string name, ColorScheme scheme)
    {
        var axe = await page.RunAxe();
        Assert.Empty(axe.Violations.Where(fault => fault.Impact is "serious" or "critical").Select(fault => $"{name}: {fault.Id}: {fault.Nodes[0].Html}"));
        if (TakesPictures)
        {
            await page.ScreenshotAsync(new() { Path = Repository.PathOf("docs", "images", $"{name}-{(scheme == ColorScheme.Dark ? "dark" : "light")}.png") });
        }
    }

    /// <summary>Clicks one of the samples of the Query page and waits for its rows.</summary>
    public static async Task RunSampleAsync(IPage page, int index)
    {
        await page.Locator(".samples button").Nth(index).ClickAsync();
        await page.WaitForFunctionAsync(
            "column => document.querySelector('.result [role=columnheader]') && document.querySelector('.result').innerText.includes(column) "
            + "&& /^[1-9][\\d,]* rows?/.test(document.querySelector('.middle .state').innerText.trim()) && document.querySelector('.result [role=cell]')",
            SampleColumns[index]);
    }
}
