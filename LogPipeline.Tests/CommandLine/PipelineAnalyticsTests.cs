using System.Globalization;
using System.Text.Json;
using LogPipeline.Tests.EndToEnd;
using LogPipeline.Web.CommandLine;
using Xunit;

namespace LogPipeline.Tests.CommandLine;

/// <summary>The real program: what <c>pipeline analytics</c> and <c>pipeline optimize</c> do to a folder.</summary>
public sealed class PipelineAnalyticsTests
{
    [Fact]
    public async Task Totals_are_those_of_the_events_by_every_way_to_name_the_table()
    {
        using var folder = new TestFolder();
        var data = folder.PathOf("data");
        await ImportAsync(folder, data, Enumerable.Range(1, 100).Select(number => string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"level":"{{(number % 10 == 0 ? "ERROR" : "INFO")}}","source":"shop","endpoint":"/e{{number % 4}}","status":{{(number % 10 == 0 ? 503 : 204)}},"response_time":{{number}}}""")));
        string[][] ways =
        [
            ["pipeline", "analytics", "--data", data],
            ["pipeline", "analytics", "--input-path", data],
            ["pipeline", "--mode", "analytics", "--input-path", Path.Combine(data, "lake")],
            ["pipeline", "--mode=analytics", "--input-path", Path.Combine(data, "lake", "logs") + "/"],
        ];
        foreach (var way in ways)
        {
            var (code, output, messages) = await HostProcess.RunAsync([.. way, "--json", "--limit", "3"]);
            Assert.Equal((ExitCodes.Done, ""), (code, messages));
            using var totals = JsonDocument.Parse(output);
            var total = totals.RootElement.GetProperty("total");
            Assert.Equal((100, 50.5, 50.5), (total.GetProperty("requests").GetInt64(), total.GetProperty("averageMs").GetDouble(), total.GetProperty("p50Ms").GetDouble()));
            Assert.Equal((95.05, 99.01), (total.GetProperty("p95Ms").GetDouble(), total.GetProperty("p99Ms").GetDouble()));
            Assert.Equal([("INFO", 90), ("ERROR", 10)], GroupOf(totals, "level"));
            Assert.Equal([("2xx", 90), ("5xx", 10)], GroupOf(totals, "statusClass"));
            Assert.Equal([("/e0", 25), ("/e1", 25), ("/e2", 25)], GroupOf(totals, "endpoint"));
            Assert.Equal([("shop", 100)], GroupOf(totals, "source"));
        }
    }

    [Fact]
    public async Task A_lake_without_a_data_folder_is_read_and_merged_and_the_report_is_a_file()
    {
        using var folder = new TestFolder();
        var data = folder.PathOf("data");
        await ImportAsync(folder, data, ["""{"level":"INFO","endpoint":"/a","status":200,"response_time":12.5}"""]);
        await ImportAsync(folder, data, ["""{"level":"INFO","endpoint":"/b","message":"neither status nor time"}"""]);
        var lake = folder.PathOf("elsewhere");
        Directory.Move(Path.Combine(data, "lake"), lake);

        var (code, output, messages) = await HostProcess.RunAsync("pipeline", "optimize", "--input-path", Path.Combine(lake, "logs"), "--json");
        Assert.Equal((ExitCodes.Done, ""), (code, messages));
        using (var answer = JsonDocument.Parse(output))
        {
            Assert.Equal((2, 1), (answer.RootElement.GetProperty("filesRemoved").GetInt32(), answer.RootElement.GetProperty("filesAdded").GetInt32()));
        }

        var file = folder.PathOf("report.json");
        (code, output, messages) = await HostProcess.RunAsync("pipeline", "analytics", "--input-path", lake, "--output-path", file);
        Assert.Equal((ExitCodes.Done, $"Written to {file}"), (code, messages.Trim()));
        Assert.Contains("2 requests", output, StringComparison.Ordinal);
        Assert.Contains("(none)", output, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal([("2xx", 1), (null, 1)], GroupOf(report, "statusClass").Order().Reverse());
        Assert.Equal(["elsewhere"], Directory.EnumerateDirectories(folder.Path).Select(Path.GetFileName).Except(["data"]));
        Assert.Equal(["dead_letters", "logs", "logs_by_minute"], Directory.EnumerateDirectories(lake).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task An_empty_table_is_no_failure_and_a_wrong_path_names_its_option()
    {
        using var folder = new TestFolder();
        var data = folder.PathOf("data");
        await ImportAsync(folder, data, ["no event"], ExitCodes.PartlyRejected);
        var (code, output, _) = await HostProcess.RunAsync("pipeline", "analytics", "--data", data);
        Assert.Equal((ExitCodes.Done, "delta_lake.logs is empty."), (code, output.Trim()));

        foreach (var (line, expected) in new (string[], string)[]
        {
            (["--input-path", folder.PathOf("none")], "--input-path: there is no folder"),
            (["--input-path", "s3a://bucket/lake"], "--input-path: 's3a://bucket/lake' is no path of this machine"),
            (["--input-path", folder.Path], "holds no Delta table"),
            (["--input-path", Path.Combine(data, "lake", "logs"), "others"], "names table 'logs'"),
            (["none", "--data", data], "There is no table 'none'"),
            (["--data", data, "--output-path", folder.Path], "--output-path:"),
        })
        {
            (code, output, var messages) = await HostProcess.RunAsync(["pipeline", "analytics", .. line]);
            Assert.Equal((ExitCodes.Failed, ""), (code, output));
            Assert.Contains(expected, messages, StringComparison.Ordinal);
        }
    }

    private static async Task ImportAsync(TestFolder folder, string data, IEnumerable<string> lines, int expected = ExitCodes.Done)
    {
        var file = folder.PathOf("events.ndjson");
        await File.WriteAllLinesAsync(file, lines, TestContext.Current.CancellationToken);
        var (code, output, messages) = await HostProcess.RunAsync("import", file, "--format", "json", "--data", data);
        Assert.True(code == expected, output + messages);
        File.Delete(file);
    }

    private static IEnumerable<(string? Value, int Requests)> GroupOf(JsonDocument totals, string name) =>
        totals.RootElement.GetProperty("groups").GetProperty(name).EnumerateArray().Select(line => (line.GetProperty("value").GetString(), line.GetProperty("requests").GetInt32()));
}
