using System.Diagnostics;
using System.Globalization;
using LogPipeline.Benchmarks.EndToEnd;
using LogPipeline.Spark.Broker;

namespace LogPipeline.Benchmarks.Spark;

/// <summary>The peer: <c>PlainStream.java</c>, with the settings and the memory of the product's own server.</summary>
internal sealed class PlainSpark : IAsyncDisposable
{
    /// <summary>What a team writes by hand for these events: typed columns, and nothing about records that do not fit or fields without a column.</summary>
    public const string ByHand = """
        SELECT timestamp_millis(e.timestamp) AS timestamp, CAST(timestamp_millis(e.timestamp) AS DATE) AS date, e.level, e.source, e.endpoint, e.method, e.status, e.response_time,
          e.user_id, e.session_id, e.ip, e.user_agent, e.referrer, e.bytes, e.message, e.trace_id, e.span_id, partition AS event_partition, offset AS event_offset, timestamp AS received_at
        FROM (SELECT from_json(CAST(value AS STRING), 'timestamp BIGINT, level STRING, source STRING, endpoint STRING, method STRING, status INT, response_time DOUBLE, user_id STRING,
          session_id STRING, ip STRING, user_agent STRING, referrer STRING, bytes BIGINT, message STRING, trace_id STRING, span_id STRING') AS e, partition, offset, timestamp FROM records)
        """;

    private readonly Process java;

    private PlainSpark(Process java) => this.java = java;

    /// <summary>Starts it, and waits until its Spark is there.</summary>
    public static async Task<PlainSpark> StartAsync(SparkOptions options, Workspace workspace)
    {
        var folder = new SparkServerFolder(Directory.CreateDirectory(workspace.PathOf("plain")).FullName);
        folder.Prepare();
        await File.WriteAllTextAsync(folder.LogSettings, SparkServerCommand.LogSettings);
        await File.WriteAllTextAsync(folder.Scheduler, SparkServerCommand.Scheduler);
        var settings = new SortedDictionary<string, string>(
            SparkServerCommand.Settings(options, SparkMaster.Parse(options.Master)!, folder, "plain", 0, null).ToDictionary(), StringComparer.Ordinal)
        {
            ["spark.databricks.delta.autoCompact.enabled"] = "true",
        };
        var problems = new List<string>();
        var installation = SparkInstallation.Find(options, Environment.GetEnvironmentVariable("PATH"), problems) ?? throw new InvalidOperationException(string.Join(" ", problems));
        var arguments = workspace.PathOf("plain.arguments");
        await File.WriteAllTextAsync(arguments, SparkServerCommand.Arguments(options, installation, folder, settings));
        var start = new ProcessStartInfo(installation.Java, ["@" + arguments, Path.Combine(Workspace.RepositoryRoot, "LogPipeline.Benchmarks", "Spark", "PlainStream.java")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["SPARK_LOCAL_IP"] = options.LocalIp;
        var plain = new PlainSpark(Process.Start(start)!);
        _ = await plain.AnswerAsync();
        return plain;
    }

    /// <summary>Stores everything that is in a topic; gives the seconds from reading the SQL to the query's end.</summary>
    public async Task<double> StoreAllAsync(string brokers, string topic, string sql, string table, string checkpoint, long batch) =>
        double.Parse(await AskAsync("all", brokers, topic, sql, table, checkpoint, batch), CultureInfo.InvariantCulture);

    /// <summary>Stores what comes, every 500 ms, until this object is disposed of.</summary>
    public Task FollowAsync(string brokers, string topic, string sql, string table, string checkpoint, long batch) => AskAsync("follow", brokers, topic, sql, table, checkpoint, batch);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        java.StandardInput.Close();
        await java.WaitForExitAsync();
        java.Dispose();
    }

    private async Task<string> AskAsync(string command, string brokers, string topic, string sql, string table, string checkpoint, long batch)
    {
        await java.StandardInput.WriteLineAsync(string.Join('\t', command, brokers, topic, sql, table, checkpoint, batch.ToString(CultureInfo.InvariantCulture)));
        await java.StandardInput.FlushAsync();
        return await AnswerAsync();
    }

    private async Task<string> AnswerAsync()
    {
        while (await java.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("::", StringComparison.Ordinal))
            {
                return line[2..];
            }
        }

        throw new InvalidOperationException("The peer's Java program ended");
    }
}
