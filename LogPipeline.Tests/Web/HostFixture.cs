using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Live;
using LogPipeline.Tests.Live;
using LogPipeline.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace LogPipeline.Tests.Web;

/// <summary>The composed host in this process, on a free port and a folder of its own. A class fixture, or made by hand with settings.</summary>
public sealed class HostFixture : IAsyncLifetime
{
    private RunningHost? host;

    public HttpClient Http => Running.Http;

    public IServiceProvider Services => Running.Services;

    internal RunningHost Running => host ?? throw new InvalidOperationException("Not started");

    public async ValueTask InitializeAsync() => host = await RunningHost.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (host is not null)
        {
            await host.DisposeAsync();
        }
    }
}

/// <summary>A host that runs in this process.</summary>
internal sealed class RunningHost : IAsyncDisposable
{
    private readonly PipelineHost host;
    private readonly bool ownsFolder;

    private RunningHost(PipelineHost host, string folder, bool ownsFolder)
    {
        this.host = host;
        this.ownsFolder = ownsFolder;
        Folder = folder;
        Http = new HttpClient { BaseAddress = new Uri(host.Url), Timeout = TimeSpan.FromSeconds(100) };
    }

    public string Folder { get; }

    public HttpClient Http { get; }

    public string Url => host.Url;

    public IServiceProvider Services => host.Services;

    /// <summary>Starts a host.</summary>
    /// <param name="folder">Data folder; null makes one that is deleted at the end.</param>
    /// <param name="settings">Settings such as <c>Http:MaxEventStreams=2</c>.</param>
    /// <param name="customise">Adds or replaces services.</param>
    public static async Task<RunningHost> StartAsync(string? folder = null, IReadOnlyList<string>? settings = null, Action<WebApplicationBuilder>? customise = null)
    {
        var data = folder ?? Directory.CreateTempSubdirectory("logpipeline-host-").FullName;
        var configuration = HostConfiguration.Load(new HostArguments
        {
            WorkingFolder = data,
            Environment = new Dictionary<string, string>(),
            Data = data,
            Port = 0,
            Settings = ["Lake:CommitInterval=100ms", .. settings ?? []],
        });
        var host = PipelineHost.Create(configuration, customise);
        await host.StartAsync(CancellationToken.None);
        return new RunningHost(host, data, ownsFolder: folder is null);
    }

    /// <summary>Makes events durable in the event log of the default stream, as a source does.</summary>
    public async Task<EventRange> AppendAsync(IReadOnlyList<Event> events, IReadOnlyList<RejectedRecord>? rejected = null)
    {
        using var batch = new ParsedBatch(Batches.Stream, Batches.Columns(events), rejected ?? [], null);
        var outcome = await Services.GetRequiredService<IEventLogs>().All[0].AppendAsync(batch, TestContext.Current.CancellationToken);
        return Assert.IsType<AppendOutcome.Appended>(outcome).Range!.Value;
    }

    /// <summary>Waits until the live view has read what is durable.</summary>
    public Task CaughtUpAsync() => EventuallyAsync(
        () => Task.FromResult(Services.GetRequiredService<ILiveView>().Status is { CaughtUp: true, Lag: 0 }), "the live view reads the event log");

    public Task<HttpResponseMessage> PostAsync(string path, string body, string contentType)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return Http.PostAsync(path, content, TestContext.Current.CancellationToken);
    }

    public async Task<JsonDocument> GetJsonAsync(string path)
    {
        using var response = await Http.GetAsync(path, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {text}");
        return JsonDocument.Parse(text);
    }

    /// <summary>Asks again until a condition holds; the host works in the background.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> condition, string what, TimeSpan? patience = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(patience ?? TimeSpan.FromSeconds(60));
        while (!await condition())
        {
            Assert.False(limit.IsCancellationRequested, $"Not within {patience ?? TimeSpan.FromSeconds(60)}: {what}");
            await Task.Delay(25, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await host.StopAsync(CancellationToken.None);
        await host.DisposeAsync();
        if (ownsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
