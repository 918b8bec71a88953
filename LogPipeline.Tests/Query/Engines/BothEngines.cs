using System.Globalization;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Query;
using LogPipeline.Core.Query.Results;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.Live;
using LogPipeline.Tests.Web;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace LogPipeline.Tests.Query.Engines;

/// <summary>The composed host with rows that its own writer has stored, and both query engines over them: DuckDB in the process, and the shared Spark server.</summary>
public sealed class BothEngines(SparkConnectServer server) : IAsyncLifetime
{
    /// <summary>Rows of the table.</summary>
    public const int Rows = 600;

    private RunningHost? host;

    /// <summary>The engines of a theory.</summary>
    public static TheoryData<string> Names => ["embedded", "spark"];

    internal RunningHost Host => host ?? throw new InvalidOperationException("Not started");

    internal QueryService Queries => Host.Services.GetRequiredService<QueryService>();

    public async ValueTask InitializeAsync()
    {
        var settings = new List<string> { "Query:Timeout=10min" };
        if (Environment.GetEnvironmentVariable("SPARK_HOME") is { Length: > 0 })
        {
            var spark = await server.GetAsync();
            await SparkLakeTurns.BeginAsync(spark);
            settings.AddRange(["Query:Engine=Spark", $"Spark:Master=sc://127.0.0.1:{spark.Port}", $"Spark:Token={spark.Token}"]);
        }

        host = await RunningHost.StartAsync(settings: settings);
        await AddAsync(Rows);
    }

    /// <summary>An engine of the host; the test is skipped without it.</summary>
    internal IQueryEngine Engine(string name)
    {
        Assert.SkipUnless(Queries.State.Engines.Contains(name), "SPARK_HOME is not set");
        return name == QueryRegistration.Embedded
            ? Host.Services.GetRequiredKeyedService<IQueryEngine>(QueryRegistration.Embedded)
            : Host.Services.GetRequiredService<IQueryEngine>();
    }

    /// <summary>Adds rows of the last seconds and waits until they are in the table.</summary>
    public async Task AddAsync(int rows)
    {
        var before = await StoredAsync();
        await Host.AppendAsync([.. Enumerable.Range(0, rows).Select(Row)]);
        await RunningHost.EventuallyAsync(async () => await StoredAsync() == before + rows, "the rows are in the table");
    }

    /// <summary>The rows of a result as texts.</summary>
    internal static List<string> Texts(QueryResult result)
    {
        var lines = new List<string>();
        foreach (var batch in result.Batches)
        {
            for (var row = 0; row < batch.Length; row++)
            {
                lines.Add(string.Join(" | ", result.Columns.Select((column, index) => CellValue.Text(batch.Column(index), column.Type, row) ?? "NULL")));
            }
        }

        return lines;
    }

    public async ValueTask DisposeAsync()
    {
        if (host is not null)
        {
            await host.DisposeAsync();
        }
    }

    private async Task<long> StoredAsync()
    {
        if (await Host.Services.GetRequiredService<ITableCatalog>().FindAsync("logs", CancellationToken.None) is null)
        {
            return 0;
        }

        var result = await Host.Services.GetRequiredKeyedService<IQueryEngine>(QueryRegistration.Embedded)
            .ExecuteAsync(new QueryRequest("SELECT count(*) AS n FROM delta_lake.logs"), CancellationToken.None);
        return long.Parse(Texts(result)[0], CultureInfo.InvariantCulture);
    }

    // Response times are multiples of a quarter: their sums do not depend on the order of the rows. Counts differ, so that no order is left open.
    private static Event Row(int number)
    {
        var kind = (int)Math.Sqrt(number);
        return Recent(number) with
        {
            Level = kind % 3 == 0 ? "ERROR" : "INFO", Source = "shop", Endpoint = $"/api/{kind}", Method = number % 2 == 0 ? "GET" : null, Status = kind % 3 == 0 ? 503 : 200,
            ResponseTime = (number % 400 * 4) + 0.25, Session = $"s-{number % 7}", Message = number % 5 == 0 ? "it's \"so\"\n\\ é😀" : null,
        };
    }

    private static Event Recent(int number) => new(((TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10) - number);
}
