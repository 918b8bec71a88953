using System.Diagnostics;
using LogPipeline.Core.Health;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Query;
using LogPipeline.Spark;
using LogPipeline.Spark.Broker;
using LogPipeline.Spark.Query;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LogPipeline.Tests.Spark.Broker;

/// <summary>A broker, composed as in the host: its state and its lake below one folder.</summary>
internal sealed class TestBroker : IAsyncDisposable
{
    private readonly ServiceProvider services;

    public TestBroker(string folder, Action<SparkOptions>? configure = null, ITableCatalog? catalog = null)
    {
        var options = RealSpark.Options();
        options.StateFolder = Path.Combine(folder, "state");
        configure?.Invoke(options);
        var made = new ServiceCollection().AddLogging().AddSingleton(Options.Create(options)).AddSpark();
        made.AddSingleton(catalog ?? new LakeCatalog(new LakeTables(Path.Combine(folder, "lake"), TimeProvider.System)));
        services = made.BuildServiceProvider();
        Broker = services.GetRequiredService<SparkBroker>();
        Engine = new SparkQueryEngine(Broker, services.GetRequiredService<ITableCatalog>(), Options.Create(new QueryOptions { Timeout = RealSpark.Patience }), TimeProvider.System);
    }

    public SparkBroker Broker { get; }

    public SparkQueryEngine Engine { get; }

    /// <summary>The one value of a query.</summary>
    public async Task<string?> ValueAsync(string sql, CancellationToken cancellationToken)
    {
        var result = await Engine.ExecuteAsync(new QueryRequest(sql), cancellationToken);
        return Core.Query.Results.CellValue.Text(result.Batches[0].Column(0), result.Columns[0].Type, 0);
    }

    /// <summary>Waits until the status is as wanted.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> UntilAsync(Func<EngineStatus, bool> wanted, TimeSpan patience, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (!wanted(Broker.Status))
        {
            if (watch.Elapsed > patience)
            {
                throw new TimeoutException($"Not within {patience}: {Broker.Status}");
            }

            await Task.Delay(20, cancellationToken);
        }

        return watch.Elapsed;
    }

    /// <summary>Starts a statement and waits until Spark reports that it works on it.</summary>
    public async Task<Task<QueryResult>> StartAsync(string sql, CancellationToken cancellationToken)
    {
        var working = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var statement = Engine.ExecuteAsync(new QueryRequest(sql) { Progress = new Told(progress => _ = progress.RunningTasks > 0 && working.TrySetResult()) }, cancellationToken);
        var first = await Task.WhenAny(working.Task, statement).WaitAsync(RealSpark.Patience, cancellationToken);
        await first;
        return statement;
    }

    public ValueTask DisposeAsync() => services.DisposeAsync();

    private sealed class Told(Action<QueryProgress> action) : IProgress<QueryProgress>
    {
        public void Report(QueryProgress value) => action(value);
    }
}
