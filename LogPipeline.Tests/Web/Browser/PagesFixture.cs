using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Tests.Live;
using LogPipeline.Web.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Xunit;

namespace LogPipeline.Tests.Web.Browser;

/// <summary>The real host in this process, on a port of its own, and a real browser that looks at it.</summary>
public sealed class PagesFixture : IAsyncLifetime
{
    private static readonly string[] Arguments =
        ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    private readonly string folder = Directory.CreateTempSubdirectory("logpipeline-pages-").FullName;
    private OwnBrowser? browser;
    private PipelineHost? host;

    public string Url => host!.Url;

    public IBrowser Browser => browser!.Browser;

    public IEventLog Log => host!.Services.GetRequiredService<IEventLogs>().All[0];

    /// <summary>Where the system's Chromium is; null when it has none.</summary>
    public static string? Chromium { get; } = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);

    public static BrowserTypeLaunchOptions Launch => new() { ExecutablePath = Chromium, Args = Arguments };

    public async ValueTask InitializeAsync()
    {
        if (Chromium is null)
        {
            return;
        }

        var configuration = HostConfiguration.Load(new HostArguments { WorkingFolder = folder, Environment = new Dictionary<string, string>(), Data = folder, Port = 0 });
        host = PipelineHost.Create(configuration);
        await host.StartAsync(CancellationToken.None);
        browser = await OwnBrowser.StartAsync();
    }

    /// <summary>Makes events durable, as a source does.</summary>
    public async Task<EventRange> AppendAsync(params Event[] events)
    {
        var outcome = await Log.AppendAsync(new ParsedBatch(Log.Stream, Batches.Columns(events), [], null), TestContext.Current.CancellationToken);
        return Assert.IsType<AppendOutcome.Appended>(outcome).Range!.Value;
    }

    /// <summary>An event of now.</summary>
    public static Event Now(string message, string level = "INFO", int status = 200) => new((TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10)
    {
        Level = level, Source = "checkout", Endpoint = "/api/cart", Method = "GET", Status = status, ResponseTime = 21, Session = "s-1", Bytes = 412, Message = message,
    };

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        if (host is not null)
        {
            await host.StopAsync(CancellationToken.None);
            await host.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }
}
