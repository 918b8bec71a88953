using LogPipeline.Core.DataFolders;
using LogPipeline.Core.Query;
using LogPipeline.Spark;
using LogPipeline.Spark.Broker;

namespace LogPipeline.Web.Hosting;

/// <summary>The stages without a web server: what verbs use that read the folder, or own it for a while.</summary>
internal sealed class StageServices : IAsyncDisposable
{
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(1);

    private readonly ServiceProvider provider;
    private readonly DataFolder folder;

    private StageServices(HostConfiguration configuration, DataFolder folder)
    {
        this.folder = folder;
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(configuration.Configuration);
        services.AddSingleton(folder);
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace));
        configuration.Register(services);
        services.AddStages(configuration.Host, configuration.Options<QueryOptions>());
        provider = services.BuildServiceProvider();
    }

    /// <summary>The stages.</summary>
    public IServiceProvider Services => provider;

    /// <summary>Stages that only read a folder, whoever owns it.</summary>
    /// <exception cref="DataFolderException">There is no such folder.</exception>
    public static StageServices OpenReadOnly(HostConfiguration configuration)
    {
        var folder = DataFolder.OpenReadOnly(configuration.Host.DataFolder);
        return new StageServices(configuration, folder);
    }

    /// <summary>Stages that own a folder until they are disposed.</summary>
    /// <exception cref="FolderOwnedException">Another process owns it.</exception>
    public static StageServices Own(HostConfiguration configuration)
    {
        var acquisition = DataFolder.Acquire(configuration.Host.DataFolder, new FolderOwner(Environment.ProcessId, null, null));
        if (acquisition is not FolderAcquisition.Acquired { Folder: var folder })
        {
            throw new FolderOwnedException(configuration.Host.DataFolder, (acquisition as FolderAcquisition.Owned)?.Owner);
        }

        return new StageServices(configuration, folder);
    }

    /// <summary>Waits for the engine that answers queries: a Spark that has to be started for this command takes longer than a query may.</summary>
    /// <param name="messages">Is told that it takes a while.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="QueryException">The engine cannot be started or reached.</exception>
    public async Task UntilQueriesRunAsync(TextWriter messages, CancellationToken cancellationToken)
    {
        var configuration = Services.GetRequiredService<HostConfiguration>();
        if (!SparkEngine.AnswersQueries(configuration.Host, configuration.Options<QueryOptions>()))
        {
            return;
        }

        try
        {
            var session = Services.GetRequiredService<SparkBroker>().GetSessionAsync(cancellationToken: cancellationToken);
            if (await Task.WhenAny(session, Task.Delay(QuietTime, cancellationToken)) != session)
            {
                await messages.WriteLineAsync("Spark is starting …".AsMemory(), cancellationToken);
            }

            await session;
        }
        catch (SparkServerException failure)
        {
            throw new QueryException("SPARK_NOT_AVAILABLE", "08001", failure.Message);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await provider.DisposeAsync();
        folder.Dispose();
    }
}
