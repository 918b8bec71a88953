using System.Net;
using System.Net.Sockets;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.Lake;
using LogPipeline.Web.Rest;
using LogPipeline.Web.Security;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace LogPipeline.Web.Hosting;

/// <summary>The one host: it owns the data folder, runs every stage and serves pages and REST.</summary>
internal sealed partial class PipelineHost : IAsyncDisposable
{
    /// <summary>What requests in progress get to end by themselves before the server cuts them off.</summary>
    private static readonly TimeSpan RequestsTime = TimeSpan.FromSeconds(1);

    private readonly DataFolder folder;

    private PipelineHost(WebApplication app, DataFolder folder)
    {
        App = app;
        this.folder = folder;
    }

    /// <summary>The web application.</summary>
    public WebApplication App { get; }

    /// <summary>Address of the loopback interface, without a slash at the end.</summary>
    public string Url { get; private set; } = "";

    /// <summary>The services.</summary>
    public IServiceProvider Services => App.Services;

    /// <summary>Takes the data folder and composes the host.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="customise">Adds or replaces services.</param>
    /// <param name="withPages">Whether pages are served beside REST.</param>
    /// <exception cref="FolderOwnedException">Another process owns the data folder.</exception>
    /// <exception cref="DataFolderException">The data folder cannot be used.</exception>
    public static PipelineHost Create(HostConfiguration configuration, Action<WebApplicationBuilder>? customise = null, bool withPages = true)
    {
        var acquisition = DataFolder.Acquire(configuration.Host.DataFolder, new FolderOwner(Environment.ProcessId, null, null));
        if (acquisition is not FolderAcquisition.Acquired { Folder: var folder })
        {
            throw new FolderOwnedException(configuration.Host.DataFolder, (acquisition as FolderAcquisition.Owned)?.Owner);
        }

        try
        {
            var builder = CreateBuilder(configuration);
            builder.Services.AddSingleton(folder);
            builder.Services.AddDataProtection().SetApplicationName("LogPipeline").PersistKeysToFileSystem(new DirectoryInfo(Path.Combine(folder.State, "keys")));
            builder.Services.AddLogPipeline(configuration, withPages);
            customise?.Invoke(builder);
            var app = builder.Build();
            app.UseLogPipeline(withPages);
            return new PipelineHost(app, folder);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Starts serving and tells other processes where. Stages start before the web server; when that fails they are stopped, so that they drain.</summary>
    /// <exception cref="PortInUseException">Somebody else listens on the port.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // A host whose stages could not be made has none to stop, and fails when it is stopped.
        _ = App.Services.GetServices<IHostedService>().Count();
        try
        {
            await App.StartAsync(cancellationToken);
        }
        catch (IOException error) when (error.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException or SocketException)
        {
            await App.StopAsync(CancellationToken.None);
            throw new PortInUseException(App.Services.GetRequiredService<HttpOptions>(), error);
        }
        catch
        {
            await App.StopAsync(CancellationToken.None);
            throw;
        }

        var address = App.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        Url = LoopbackUrl(address);
        folder.Publish(new FolderOwner(Environment.ProcessId, Url, App.Services.GetRequiredService<AccessKeys>().OwnerToken));
    }

    /// <summary>Stops the stages in data order, each after what feeds it: in the worst case <see cref="RequestsTime"/> for requests and
    /// <see cref="LakeOptions.DrainTimeout"/> for the tables.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => App.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        folder.Dispose();
    }

    private static WebApplicationBuilder CreateBuilder(HostConfiguration configuration)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = [],
            ContentRootPath = AppContext.BaseDirectory,
            ApplicationName = typeof(PipelineHost).Assembly.GetName().Name,
        });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddConfiguration(configuration.Configuration);
        if (File.Exists(Path.Combine(AppContext.BaseDirectory, "LogPipeline.Web.staticwebassets.runtime.json")))
        {
            // Running from the build's output: styles and scripts of packages are still in the package cache.
            builder.WebHost.UseStaticWebAssets();
        }

        builder.Logging.ClearProviders();
        builder.Logging.AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.AddSimpleConsole(options =>
        {
            options.SingleLine = true;
            options.TimestampFormat = "HH:mm:ss ";
            options.UseUtcTimestamp = true;
        });
        var http = configuration.Host.Http;
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1 << 20;
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            var address = PipelineOptionsRules.AddressOf(http.Bind) ?? IPAddress.Loopback;
            if (address.Equals(IPAddress.Loopback) && http.Port != 0)
            {
                kestrel.ListenLocalhost(http.Port);
            }
            else
            {
                kestrel.Listen(address, http.Port);
            }
        });
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(options => options.ShutdownTimeout = RequestsTime);
        builder.Services.AddSingleton<IHostLifetime, CallerLifetime>();
        return builder;
    }

    private static string LoopbackUrl(string address)
    {
        var url = new Uri(address.Replace("//*", "//0.0.0.0", StringComparison.Ordinal).Replace("//+", "//0.0.0.0", StringComparison.Ordinal));
        var anywhere = IPAddress.TryParse(url.Host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any) || IPAddress.IsLoopback(ip));
        return anywhere || url.Host == "localhost" ? $"http://localhost:{url.Port}" : $"http://{url.Authority}";
    }

    /// <summary>The verb that runs the host decides when it ends; signals reach the verb.</summary>
    private sealed class CallerLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
