using System.IO.Compression;
using System.Net;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.Lake;
using LogPipeline.Tests.EndToEnd;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.Lake;
using LogPipeline.Tests.Spark.Streaming;
using LogPipeline.Web.CommandLine;
using Xunit;

namespace LogPipeline.Tests.CommandLine;

/// <summary>The real program: <c>pipeline stream</c> in the foreground.</summary>
public sealed class PipelineStreamTests(KafkaServer kafka, SparkConnectServer spark)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task Every_line_of_a_folder_is_in_the_lake_once_whatever_becomes_of_its_files()
    {
        using var folder = new TestFolder();
        var (logs, lake) = (Directory.CreateDirectory(folder.PathOf("logs")).FullName, folder.PathOf("lake"));
        await File.WriteAllTextAsync(Path.Combine(logs, "a.ndjson"), Lines("a", 100), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(logs, "_b.tmp"), Lines("work in progress", 1), TestContext.Current.CancellationToken);
        await using (var packed = new GZipStream(File.Create(Path.Combine(logs, "c.ndjson.gz")), CompressionLevel.Fastest))
        {
            await packed.WriteAsync(System.Text.Encoding.UTF8.GetBytes(Lines("c", 10)), TestContext.Current.CancellationToken);
        }

        await using var host = await HostProcess.StartStreamAsync(folder.PathOf("data"), "--input-path", logs, "--output-path", lake, "--set", "Ingest:RotatedFileWait=500ms");
        await UntilRowsAsync(lake, 110);
        await File.AppendAllTextAsync(Path.Combine(logs, "a.ndjson"), Lines("a2", 10), TestContext.Current.CancellationToken);
        await UntilRowsAsync(lake, 120);
        File.Move(Path.Combine(logs, "a.ndjson"), Path.Combine(logs, "a.ndjson.1"));
        await File.WriteAllTextAsync(Path.Combine(logs, "a.ndjson"), Lines("a3", 10), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(logs, "d.ndjson"), Lines("d", 5), TestContext.Current.CancellationToken);
        await UntilRowsAsync(lake, 135);
        using (var page = await host.Client.GetAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        }

        Assert.Equal(ExitCodes.Done, (await HostProcess.RunAsync("pipeline", "status", "--data", folder.PathOf("data"))).ExitCode);
        await host.UntilWrittenAsync("135 rows");
        Assert.Equal(ExitCodes.Done, await host.InterruptAsync());
        Assert.Contains("web-logs: 135 rows in logs; everything is stored", host.Log, StringComparison.Ordinal);
        await host.StartAgainAsync();
        await File.AppendAllTextAsync(Path.Combine(logs, "d.ndjson"), Lines("d2", 1), TestContext.Current.CancellationToken);
        await UntilRowsAsync(lake, 136);
        Assert.Equal(ExitCodes.Done, await host.InterruptAsync("TERM"));
        AssertOnce(lake, 136);
    }

    [Fact]
    public async Task On_kafka_with_spark_the_checkpoint_and_the_tables_are_where_the_options_say()
    {
        var (cluster, server) = (await kafka.GetAsync(), await spark.GetAsync());
        var topic = $"web-logs-{Guid.NewGuid():N}";
        using var folder = new TestFolder();
        var (lake, checkpoints) = (folder.PathOf("out"), folder.PathOf("checkpoints"));
        string[] settings =
        [
            "Broker=Kafka", $"Kafka:Brokers={cluster.Brokers}", "Kafka:ConnectTimeout=5min", $"Kafka:GroupId={topic}", $"Streams:web-logs:Topic={topic}", .. server.WriterSettings,
        ];
        await using var host = await HostProcess.StartStreamAsync(
            folder.PathOf("data"), ["--output-path", lake, "--checkpoint-path", checkpoints, .. settings.SelectMany(setting => (string[])["--set", setting])]);
        cluster.Produce(topic, OutsideProducer.Messages(0, 3_000));
        await UntilRowsAsync(lake, 3_000 - OutsideProducer.Bad(3_000));
        await host.UntilWrittenAsync("lag 0");
        var (code, output, _) = await HostProcess.RunAsync("pipeline", "status", "--data", folder.PathOf("data"));
        Assert.Equal(ExitCodes.Done, code);
        Assert.Contains("kafka, connected", output, StringComparison.Ordinal);
        Assert.Contains("spark, connected", output, StringComparison.Ordinal);
        (code, output, var messages) = await HostProcess.RunAsync("pipeline", "stop", "--data", folder.PathOf("data"));
        Assert.True(code == ExitCodes.Done, output + messages);
        Assert.NotEmpty(Directory.EnumerateDirectories(Path.Combine(checkpoints, "web-logs")));
        AssertOnce(lake, 3_000 - OutsideProducer.Bad(3_000));
    }

    [Fact]
    public async Task A_wrong_path_names_its_option_and_tables_of_another_host_are_left_alone()
    {
        using var folder = new TestFolder();
        var file = folder.PathOf("file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(folder.PathOf("table/_delta_log"));
        foreach (var (line, expected) in new (string[], string)[]
        {
            (["--input-path", folder.PathOf("none")], "--input-path: there is no file or folder"),
            (["--output-path", file], "--output-path:"),
            (["--output-path", folder.PathOf("table")], "is a table; give the folder of the tables"),
            (["--checkpoint-path", folder.PathOf("checkpoints")], "--checkpoint-path: only Spark"),
        })
        {
            var (code, output, messages) = await HostProcess.RunAsync(["pipeline", "stream", "--data", folder.PathOf("data"), .. line]);
            Assert.Equal((ExitCodes.Failed, ""), (code, output));
            Assert.Contains(expected, messages, StringComparison.Ordinal);
        }

        var acquisition = DataFolder.Acquire(folder.PathOf("other"), new FolderOwner(Environment.ProcessId, null, null));
        using var held = Assert.IsType<FolderAcquisition.Acquired>(acquisition).Folder;
        foreach (var line in (string[][])[["--data", folder.PathOf("other")], ["--data", folder.PathOf("data"), "--output-path", held.Lake]])
        {
            Assert.Equal(ExitCodes.FolderOwned, (await HostProcess.RunAsync(["pipeline", "stream", .. line])).ExitCode);
        }
    }

    private static string Lines(string name, int count) =>
        string.Concat(Enumerable.Range(0, count).Select(number => FormattableString.Invariant($$"""{"level":"INFO","endpoint":"/{{name}}","trace_id":"{{name}}-{{number}}","status":200,"response_time":{{number}}}""") + "\n"));

    private static async Task UntilRowsAsync(string lake, int rows)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (RowsOf(lake) is not { } count || count < rows)
        {
            await Task.Delay(100, patience.Token);
        }

        AssertOnce(lake, rows);
    }

    private static void AssertOnce(string lake, int rows) =>
        Assert.Equal($"{rows}|{rows}", DuckRows.Value(TableOf(lake)!, "SELECT count(*), count(DISTINCT trace_id) FROM {t}"));

    private static long? RowsOf(string lake) => TableOf(lake)?.RowCount;

    private static TableSnapshot? TableOf(string lake) => new LakeTables(lake, TimeProvider.System).Find("logs")?.Snapshot();
}
