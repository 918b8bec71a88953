using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using LogPipeline.Tests.Spark.Broker;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>The real host with Spark as its query engine: what is stored is answered, and both processes may be killed.</summary>
[Collection(nameof(SparkBrokerTests))]
public sealed class SparkHostTests : IDisposable
{
    private const string Count = "SELECT count(*) AS n, count(DISTINCT trace_id) AS ids FROM delta_lake.logs";
    private static readonly TimeSpan GoneWithin = TimeSpan.FromSeconds(60);

    private readonly TestFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Queries_are_answered_by_spark_also_after_spark_was_killed_and_nothing_is_left_when_the_host_is()
    {
        _ = RealSpark.Options();
        string[] settings = ["--set", "Query:Engine=Spark", "--set", "Spark:Master=local[2]", "--set", "Spark:MemoryBytes=1GiB"];
        await using var host = await HostProcess.StartAsync("serve", folder.Path, settings);
        var first = await ConnectedAsync(host, server => server > 0);
        await SendAsync(host, 0, 100);
        await UntilAnsweredAsync(host, 100);
        Assert.Equal((100, 100, "embedded"), await AskAsync(host, "embedded"));
        await AssertFactsAsync(host, first);

        // The command line attaches to the host's server instead of starting one.
        var (code, output, messages) = await HostProcess.RunAsync(["query", Count, "--format", "csv", "--data", folder.Path, .. settings]);
        Assert.True(code == 0, messages);
        Assert.Contains("100,100", output, StringComparison.Ordinal);
        Assert.Equal(first, Assert.Single(Processes.With(folder.Path)));

        Processes.Kill(first);
        await SendAsync(host, 100, 50);
        await UntilAnsweredAsync(host, 150);
        var second = await ConnectedAsync(host, server => server != first);
        Assert.Equal(second, Assert.Single(Processes.With(folder.Path)));

        Processes.Kill(host.Id);
        await Processes.UntilGoneAsync(second, GoneWithin, Token);
        Assert.Empty(Processes.With(folder.Path));

        // What is stored waits for no Spark.
        await host.StartAgainAsync();
        Assert.Equal((150, 150, "embedded"), await AskAsync(host, "embedded"));
        Assert.Equal(0, await host.InterruptAsync());
        foreach (var server in Processes.With(folder.Path))
        {
            await Processes.UntilGoneAsync(server, GoneWithin, Token);
        }
    }

    private static async Task AssertFactsAsync(HostProcess host, int server)
    {
        using var health = await HealthAsync(host);
        var spark = health.RootElement.GetProperty("spark");
        Assert.Equal("this host", spark.GetProperty("owner").GetString());
        Assert.Equal("local[2]", spark.GetProperty("master").GetString());
        Assert.Matches(@"^4\.", spark.GetProperty("version").GetString());
        Assert.Matches(@"^4\.", spark.GetProperty("deltaVersion").GetString());
        Assert.Equal(server, spark.GetProperty("processId").GetInt32());
        Assert.True(Guid.TryParse(spark.GetProperty("sessionId").GetString(), out _));
        Assert.Equal(0, spark.GetProperty("restarts").GetInt32());
        var query = health.RootElement.GetProperty("stages").EnumerateArray().Single(stage => stage.GetProperty("name").GetString() == "Query");
        Assert.Equal("connected", query.GetProperty("state").GetString());
        Assert.Contains("Spark 4.", query.GetProperty("about").GetString(), StringComparison.Ordinal);
    }

    /// <summary>Waits until the health report knows a session on a server as wanted.</summary>
    /// <returns>The server's process.</returns>
    private static async Task<int> ConnectedAsync(HostProcess host, Func<int, bool> wanted)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            using var health = await HealthAsync(host);
            var spark = health.RootElement.GetProperty("spark");
            if (spark.GetProperty("state").GetString() == "connected" && spark.GetProperty("processId") is { ValueKind: JsonValueKind.Number } id && wanted(id.GetInt32()))
            {
                return id.GetInt32();
            }

            Assert.True(watch.Elapsed < RealSpark.Patience, $"No session: {spark}\n{host.Log}");
            await Task.Delay(100, Token);
        }
    }

    /// <summary>Asks until Spark answers with all rows. In between it may say that it was lost or that it starts, and nothing else.</summary>
    private static async Task UntilAnsweredAsync(HostProcess host, long rows)
    {
        var watch = Stopwatch.StartNew();
        while (await AskAsync(host) is var answer && answer != (rows, rows, "spark"))
        {
            Assert.True(watch.Elapsed < RealSpark.Patience, $"{answer}\n{host.Log}");
            await Task.Delay(100, Token);
        }
    }

    private static async Task<(long Rows, long Ids, string Engine)> AskAsync(HostProcess host, string? engine = null)
    {
        using var response = await host.Client.PostAsJsonAsync(new Uri("/api/query", UriKind.Relative), engine is null ? new { query = Count } : (object)new { query = Count, engine }, Token);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token));
        if (!response.IsSuccessStatusCode)
        {
            var errorClass = answer.RootElement.GetProperty("errorClass").GetString()!;
            Assert.Contains((errorClass, (int)response.StatusCode), new[] { ("SPARK_NOT_AVAILABLE", 503), ("SPARK_CONNECTION_LOST", 503), ("TABLE_OR_VIEW_NOT_FOUND", 400), ("QUERY_TIMEOUT", 408) });
            return (-1, -1, errorClass);
        }

        var row = answer.RootElement.GetProperty("results")[0];
        return (row.GetProperty("n").GetInt64(), row.GetProperty("ids").GetInt64(), answer.RootElement.GetProperty("engine").GetString()!);
    }

    private static async Task SendAsync(HostProcess host, int first, int count)
    {
        var lines = Enumerable.Range(first, count).Select(number => string.Create(CultureInfo.InvariantCulture, $$"""{"level":"INFO","endpoint":"/api/{{number % 5}}","trace_id":"t-{{number}}"}"""));
        using var sent = await host.PostAsync(string.Join('\n', lines), Token);
        Assert.True(sent.IsSuccessStatusCode);
    }

    private static async Task<JsonDocument> HealthAsync(HostProcess host)
    {
        using var response = await host.Client.GetAsync(new Uri("/api/health", UriKind.Relative), Token);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token));
    }
}
