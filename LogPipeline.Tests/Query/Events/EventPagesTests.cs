using System.Text.Json;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Live;
using LogPipeline.Core.Query.Events;
using LogPipeline.Tests.Live;
using LogPipeline.Tests.Web;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace LogPipeline.Tests.Query.Events;

/// <summary>From the newest event back to the first, over memory, table and event log, on a real host with a small memory.</summary>
public sealed class EventPagesTests
{
    private const int Events = 4_700;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>With the table in time, far behind, and with nothing stored at all.</summary>
    [Theory]
    [InlineData("100ms")]
    [InlineData("1min")]
    public async Task Paging_goes_back_to_the_first_event_with_nothing_missing_and_nothing_twice(string commitInterval)
    {
        await using var host = await RunningHost.StartAsync(settings: ["Live:RingCapacity=1000", $"Lake:CommitInterval={commitInterval}"]);
        await AppendAsync(host);
        if (commitInterval == "100ms")
        {
            await UntilStoredAsync(host);
        }

        foreach (var limit in (int[])[700, 1000])
        {
            Assert.Equal(Enumerable.Range(0, Events).Reverse().Select(i => $"/{i}"), await PageAsync(host, $"limit={limit}"));
        }
    }

    [Theory]
    [InlineData("level=error&level=WARN", 50)]
    [InlineData("status=4xx", 100)]
    [InlineData("status=404&endpoint!=/100", 50)]
    [InlineData("attributes.region=eu", 30)]
    [InlineData("q=line%20%5B0-9%5D%2B7%24&regex=true", 10)]
    [InlineData("q=LINE%2047", 100)]
    public async Task A_filter_means_the_same_in_memory_and_in_the_table(string filter, int every)
    {
        await using var large = await RunningHost.StartAsync();
        await using var small = await RunningHost.StartAsync(settings: ["Live:RingCapacity=1000"]);
        await AppendAsync(large);
        await AppendAsync(small);
        await UntilStoredAsync(small);

        var expected = await PageAsync(large, "limit=1000&" + filter);
        Assert.InRange(expected.Count, 1, Events / every * 3);
        Assert.Equal(expected, await PageAsync(small, "limit=17&" + filter));
    }

    [Fact]
    public async Task A_row_that_left_the_memory_is_found_with_its_neighbours_and_every_field()
    {
        await using var host = await RunningHost.StartAsync(settings: ["Live:RingCapacity=1000"]);
        await AppendAsync(host);
        await UntilStoredAsync(host);
        var pages = host.Services.GetRequiredService<IEventPages>();
        Assert.Null(host.Services.GetRequiredService<ILiveView>().Find(new EventPosition(0, 30)));

        var row = await pages.FindAsync("web-logs", new EventPosition(0, 30), Stop);
        Assert.Equal(("/30", "line 30", 200), (row!.Endpoint, row.Message, row.Status));
        Assert.Equal("eu", Assert.Single(row.Attributes).Value);
        Assert.Equal(Enumerable.Range(28, 5).Select(i => $"/{i}"), (await pages.AroundAsync("web-logs", new EventPosition(0, 30), 2, Stop)).Select(one => one.Endpoint));
        Assert.Equal(["/0", "/1"], (await pages.AroundAsync("web-logs", new EventPosition(0, 0), 1, Stop)).Select(one => one.Endpoint));
        Assert.Null(await pages.FindAsync("web-logs", new EventPosition(0, Events + 10), Stop));
    }

    [Fact]
    public async Task Lineage_names_the_version_that_stored_a_row_and_the_file_that_holds_it_now()
    {
        await using var host = await RunningHost.StartAsync();
        var lineage = host.Services.GetRequiredService<IRowLineage>();
        var first = await AppendOneAsync(host, "/first");
        await UntilStoredAsync(host);
        var second = await AppendOneAsync(host, "/second");
        await UntilStoredAsync(host);

        var (one, two) = (await FindAsync(first), await FindAsync(second));
        Assert.True(one!.StoredVersion < two!.StoredVersion);
        Assert.NotEqual(one.File, two.File);
        foreach (var (found, position) in new[] { (one, first), (two, second) })
        {
            var commit = await File.ReadAllTextAsync(Path.Combine(host.Folder, "lake", "logs", "_delta_log", $"{found.StoredVersion:D20}.json"), Stop);
            Assert.Contains(found.File!, commit, StringComparison.Ordinal);
            Assert.Contains($"/0\",\"version\":{position.Offset},", commit, StringComparison.Ordinal);
        }

        using var optimized = await host.PostAsync("/api/tables/logs/optimize", "", "application/json");
        Assert.True(optimized.IsSuccessStatusCode);
        var merged = await FindAsync(first);
        Assert.Equal((one.StoredVersion, one.StoredAt), (merged!.StoredVersion, merged.StoredAt));
        Assert.Equal((await FindAsync(second))!.File, merged.File);
        Assert.True(merged.Version > two.Version);
        Assert.Null(await lineage.FindAsync("web-logs", new EventPosition(0, second.Offset + 1), Now, Stop));

        Task<RowLineage?> FindAsync(EventPosition position) => lineage.FindAsync("web-logs", position, Now, Stop);
    }

    private static long Now { get; } = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1000;

    private static async Task AppendAsync(RunningHost host)
    {
        for (var from = 0; from < Events; from += 500)
        {
            await host.AppendAsync([.. Enumerable.Range(from, Math.Min(500, Events - from)).Select(i => new Event(Now)
            {
                Endpoint = $"/{i}", Message = $"line {i}", Level = i % 100 == 0 ? "ERROR" : i % 100 == 50 ? "WARN" : "INFO", Status = i % 100 == 0 ? 404 : 200,
                Attributes = i % 30 == 0 ? [new("region", "eu")] : [],
            })]);
        }

        await host.CaughtUpAsync();
    }

    private static async Task<EventPosition> AppendOneAsync(RunningHost host, string endpoint)
    {
        var range = await host.AppendAsync([new Event(Now) { Endpoint = endpoint }]);
        return new EventPosition(range.Partition, range.Last);
    }

    private static Task UntilStoredAsync(RunningHost host) => RunningHost.EventuallyAsync(
        async () =>
        {
            var log = host.Services.GetRequiredService<IEventLogs>().All[0];
            var table = await host.Services.GetRequiredService<ITableCatalog>().FindAsync("logs", Stop);
            return host.Services.GetRequiredService<ITablePositions>().Read(log, table, null).Last.GetValueOrDefault(0, -1) == log.Bounds[0].End - 1;
        },
        "everything is stored");

    private static async Task<List<string?>> PageAsync(RunningHost host, string query)
    {
        var seen = new List<string?>();
        string? next = null;
        do
        {
            using var page = await host.GetJsonAsync($"/api/logs?{query}{(next is null ? "" : "&before=" + next)}");
            seen.AddRange(page.RootElement.GetProperty("logs").EnumerateArray().Select(row => row.GetProperty("endpoint").GetString()));
            next = page.RootElement.GetProperty("next") is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        }
        while (next is not null);
        return seen;
    }
}
