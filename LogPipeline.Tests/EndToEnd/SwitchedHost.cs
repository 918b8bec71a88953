using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.Spark.Streaming;
using LogPipeline.Web.Hosting;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>One data folder whose two switches are turned between runs of real host processes, and all that was ever sent to it.</summary>
internal sealed class SwitchedHost : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly TestFolder folder = new();
    private readonly KafkaCluster cluster;
    private readonly string topic = $"web-logs-{Guid.NewGuid():N}";
    private HostProcess? host;

    public SwitchedHost(KafkaCluster cluster, params string[] settings)
    {
        this.cluster = cluster;
        File.WriteAllText(Config, "{}");
        foreach (var setting in (string[])[$"Kafka:Brokers={cluster.Brokers}", "Kafka:ConnectTimeout=5min", $"Kafka:GroupId={topic}", $"Streams:web-logs:Topic={topic}", "Streams:web-logs:Schema=web-log", "Streams:web-logs:Table=logs",
            "Lake:ByMinuteInterval=1s", "Query:Engine=Embedded", "Query:Timeout=60s", .. settings])
        {
            Set(setting[..setting.IndexOf('=', StringComparison.Ordinal)], setting[(setting.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        }
    }

    /// <summary>Events that were sent, the misfits among them included.</summary>
    public int Sent { get; private set; }

    private int Good => Sent - OutsideProducer.Bad(Sent);

    private string Config => folder.PathOf("config.json");

    private string Data => folder.PathOf("data");

    /// <summary>Writes a setting, as an operator would.</summary>
    public void Set(string key, string value) => SettingsFile.Set(Config, "LogPipeline", key, value);

    /// <summary>The value that the file has for a key.</summary>
    public string? Setting(string key)
    {
        using var settings = JsonDocument.Parse(File.ReadAllBytes(Config));
        return settings.RootElement.GetProperty("LogPipeline").TryGetProperty(key, out var value) ? value.GetString() : null;
    }

    /// <summary>Runs a verb on the folder to its end.</summary>
    public Task<(int ExitCode, string Output, string Messages)> RunAsync(params string[] arguments) => HostProcess.RunAsync([.. arguments, "--data", Data, "--config", Config]);

    /// <summary>Runs a verb on the folder and kills it with SIGKILL at a moment, unless it has ended by then.</summary>
    /// <returns>Whether it had ended.</returns>
    public async Task<bool> KillWithinAsync(string[] arguments, TimeSpan moment)
    {
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [HostProcess.Assembly, .. arguments, "--data", Data, "--config", Config]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var patience = new CancellationTokenSource(moment);
        await process.WaitForExitAsync(patience.Token).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        var hasEnded = process.HasExited;
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return hasEnded;
    }

    /// <summary>Runs a verb that has to succeed.</summary>
    public async Task<string> MustRunAsync(params string[] arguments)
    {
        var (exitCode, output, messages) = await RunAsync(arguments);
        Assert.True(exitCode == 0, $"{string.Join(' ', arguments)}: exit {exitCode}: {output}{messages}");
        return output;
    }

    /// <summary>Starts the host as the file says.</summary>
    public async Task StartAsync(params string[] more) => host = await HostProcess.StartAsync("serve", Data, ["--config", Config, .. more]);

    /// <summary>Ends it as Ctrl-C does.</summary>
    public async Task StopAsync()
    {
        Assert.Equal(0, await host!.InterruptAsync());
        await host.DisposeAsync();
        host = null;
    }

    /// <summary>Kills it with SIGKILL.</summary>
    public async Task KillAsync()
    {
        await host!.KillAsync();
        await host.DisposeAsync();
        host = null;
    }

    /// <summary>Posts events to the host.</summary>
    public async Task PostAsync(int count)
    {
        var lines = new StringBuilder();
        foreach (var number in Enumerable.Range(Sent, count))
        {
            _ = number % 1000 == 999 ? lines.Append("{\"status\":\"x\"}\n")
                : lines.Append(CultureInfo.InvariantCulture, $$"""{"level":"INFO","source":"posted","endpoint":"/api/{{number % 7}}","method":"GET","status":200,"session_id":"s-{{number % 17}}","trace_id":"t-{{number}}"}""").Append('\n');
        }

        using var answer = await host!.PostAsync(lines.ToString(), TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, host.Log);
        Sent += count;
    }

    /// <summary>Writes events to the topic, as another program does.</summary>
    public void Produce(int count)
    {
        cluster.Produce(topic, OutsideProducer.Messages(Sent, Sent + count));
        Sent += count;
    }

    /// <summary>Waits until all that was sent is stored, and makes sure that it is stored once, on every way out.</summary>
    public async Task AllStoredOnceAsync()
    {
        var all = $"{Good} rows, {OutsideProducer.Bad(Sent)} dead letters, {Good} by minute, {Good} requests, 0 in flight";
        using var patience = new CancellationTokenSource(Patience);
        while (await SeenAsync() is var seen && seen != all)
        {
            Assert.False(patience.IsCancellationRequested, $"Not in time: {seen} instead of {all}:\n{host!.Log}");
            await Task.Delay(300, CancellationToken.None);
        }

        await host!.AssertStoredOnceAsync(Sent);
        Assert.Equal(0, await host.NumberAsync("SELECT count(*) AS n FROM (SELECT status, endpoint, count(*) AS n FROM delta_lake.logs GROUP BY status, endpoint) a JOIN "
            + "(SELECT status, endpoint, sum(n) AS n FROM delta_lake.logs_by_minute GROUP BY status, endpoint) b ON a.status = b.status AND a.endpoint = b.endpoint WHERE a.n <> b.n"));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (host is not null)
        {
            await host.DisposeAsync();
        }

        folder.Dispose();
    }

    private async Task<string> SeenAsync()
    {
        var rows = await host!.NumberAsync("SELECT count(*) AS n FROM delta_lake.logs");
        var deadLetters = await host.NumberAsync("SELECT count(*) AS n FROM delta_lake.dead_letters");
        var byMinute = await host.NumberAsync("SELECT sum(n) AS n FROM delta_lake.logs_by_minute");
        using var metrics = JsonDocument.Parse(await host.Client.GetStringAsync(new Uri("/api/metrics?window=1h", UriKind.Relative), TestContext.Current.CancellationToken));
        using var health = JsonDocument.Parse(await host.Client.GetStringAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken));
        return $"{rows} rows, {deadLetters} dead letters, {byMinute} by minute, {metrics.RootElement.GetProperty("totalRequests").GetInt64()} requests, "
            + $"{health.RootElement.GetProperty("conservation").GetProperty("inFlight").GetInt64()} in flight";
    }
}
