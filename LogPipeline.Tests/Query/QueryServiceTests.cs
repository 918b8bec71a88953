using System.Diagnostics.Metrics;
using LogPipeline.Core.Query;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace LogPipeline.Tests.Query;

public sealed class QueryServiceTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("logpipeline-query-").FullName;
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly LoggerFactory loggers = new();

    private string HistoryFile => Path.Combine(folder, "state", "query-history.ndjson");

    private QueryService Service(IQueryEngine engine, QueryOptions? options = null)
    {
        options ??= new QueryOptions();
        options.HistoryFile ??= HistoryFile;
        var events = new QueryEvents(loggers.CreateLogger<QueryEvents>(), services.GetRequiredService<IMeterFactory>());
        var wrapped = Options.Create(options);
        return new QueryService([engine], new QueryHistory(wrapped, events), wrapped, events, time);
    }

    public void Dispose()
    {
        services.Dispose();
        loggers.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Queries_beyond_the_queue_are_refused_at_once_and_the_others_get_their_turn()
    {
        var engine = new GatedEngine();
        using var service = Service(engine, new QueryOptions { Concurrency = 2, Queue = 1 });
        var first = service.ExecuteAsync("SELECT 1", cancellationToken: TestContext.Current.CancellationToken);
        var second = service.ExecuteAsync("SELECT 2", cancellationToken: TestContext.Current.CancellationToken);
        var third = service.ExecuteAsync("SELECT 3", cancellationToken: TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<QueryException>(() => service.ExecuteAsync("SELECT 4", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal("TOO_MANY_QUERIES", refused.ErrorClass);
        Assert.Equal((2, 1), (service.State.Running, service.State.Waiting));
        engine.Open();
        await Task.WhenAll(first, second, third);
        Assert.Equal(2, engine.MostAtOnce);
        Assert.Equal((0, 0, 3L), (service.State.Running, service.State.Waiting, service.State.Answered));
    }

    [Fact]
    public async Task A_cancelled_wait_gives_its_place_back()
    {
        var engine = new GatedEngine();
        using var service = Service(engine, new QueryOptions { Concurrency = 1, Queue = 1 });
        var first = service.ExecuteAsync("SELECT 1", cancellationToken: TestContext.Current.CancellationToken);
        using var cancel = new CancellationTokenSource();
        var second = service.ExecuteAsync("SELECT 2", cancellationToken: cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal(0, service.State.Waiting);
        engine.Open();
        await first;
        await service.ExecuteAsync("SELECT 3", cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_was_asked_survives_a_restart_newest_first_and_bounded()
    {
        var engine = new GatedEngine();
        engine.Open();
        using (var service = Service(engine, new QueryOptions { History = 3 }))
        {
            foreach (var sql in new[] { "SELECT 1", "SELECT 2", "SELECT 3", "SELECT 3", "FAIL" })
            {
                await Record.ExceptionAsync(() => service.ExecuteAsync(sql, cancellationToken: TestContext.Current.CancellationToken));
            }
        }

        await File.AppendAllTextAsync(HistoryFile, "{ torn", TestContext.Current.CancellationToken);
        using var restarted = Service(engine, new QueryOptions { History = 3 });
        Assert.Equal(["FAIL", "SELECT 3", "SELECT 2"], restarted.History.Entries.Select(entry => entry.Sql));
        var failed = restarted.History.Entries[0];
        Assert.Equal(("DIVIDE_BY_ZERO", 3, 0L), (failed.ErrorClass, failed.ErrorLine, failed.Rows));
        Assert.Equal(7, restarted.History.Entries[1].Version);
        Assert.Equal(time.GetUtcNow(), failed.At);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(HistoryFile));
        }
    }

    [Fact]
    public async Task A_history_that_cannot_be_written_does_not_fail_the_query()
    {
        var engine = new GatedEngine();
        engine.Open();
        await File.WriteAllTextAsync(Path.Combine(folder, "file"), "", TestContext.Current.CancellationToken);
        using var service = Service(engine, new QueryOptions { HistoryFile = Path.Combine(folder, "file", "history") });
        await service.ExecuteAsync("SELECT 1", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Single(service.History.Entries);
    }

    [Fact]
    public void Every_wrong_option_is_named_with_its_fix()
    {
        var result = new QueryOptionsValidator().Validate(null, new QueryOptions { Timeout = TimeSpan.Zero, MaxRows = 2_000_000, Concurrency = 0, MemoryMb = 5 });
        Assert.Equal(4, result.Failures!.Count());
        Assert.All(["Timeout", "MaxRows", "Concurrency", "MemoryMb"], key => Assert.Contains(result.Failures!, failure => failure.StartsWith("LogPipeline:Query:" + key, StringComparison.Ordinal)));
        Assert.True(new QueryOptionsValidator().Validate(null, new QueryOptions()).Succeeded);
    }

    /// <summary>Answers once it is opened; the text FAIL fails.</summary>
    private sealed class GatedEngine : IQueryEngine
    {
        private readonly TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int running;

        public string Name => "gated";

        public int MostAtOnce { get; private set; }

        public void Open() => opened.TrySetResult();

        public async Task<QueryResult> ExecuteAsync(QueryRequest request, CancellationToken cancellationToken)
        {
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref running));
            try
            {
                await opened.Task.WaitAsync(cancellationToken);
                return request.Sql == "FAIL"
                    ? throw new QueryException("DIVIDE_BY_ZERO", "22012", "Division by zero.") { Line = 3 }
                    : new QueryResult([], [], false, TimeSpan.FromMilliseconds(5), Name, [new TableVersion("logs", 7, DateTimeOffset.UnixEpoch)]);
            }
            finally
            {
                Interlocked.Decrement(ref running);
            }
        }
    }
}
