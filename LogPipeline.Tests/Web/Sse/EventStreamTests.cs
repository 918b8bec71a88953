using System.Globalization;
using System.Text.Json;
using LogPipeline.Tests.Live;
using Xunit;

namespace LogPipeline.Tests.Web.Sse;

public sealed class EventStreamTests
{
    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1000;

    [Fact]
    public async Task Events_arrive_as_they_are_durable_and_metrics_have_no_id()
    {
        await using var host = await RunningHost.StartAsync();
        await host.CaughtUpAsync();
        await using var client = await SseClient.OpenAsync(host, "/events");
        var metrics = await client.NextAsync("metrics");
        Assert.Null(metrics.Id);
        await host.AppendAsync([new Event(Now) { Endpoint = "/live", Status = 200 }]);
        var log = await client.NextAsync("log");
        Assert.Equal("0:0", log.Id);
        Assert.Equal("/live", log.Data.GetProperty("endpoint").GetString());
        using var health = await host.GetJsonAsync("/health");
        Assert.Equal(1, health.RootElement.GetProperty("clients").GetInt32());
    }

    [Fact]
    public async Task Resuming_misses_nothing_and_repeats_nothing_even_beyond_the_memory()
    {
        await using var host = await RunningHost.StartAsync(settings: ["Live:RingCapacity=1000"]);
        await host.CaughtUpAsync();
        var sent = 0;
        await AppendAsync(50);
        string? last = null;
        var seen = new List<int>();
        var random = new Random(7);
        while (seen.Count < 12_000)
        {
            await using (var client = await SseClient.OpenAsync(host, "/events", last, fromStart: last is null))
            {
                // Takes a few, goes away, and lets more arrive than the memory holds.
                var take = Math.Min(random.Next(1, 4000), sent - seen.Count);
                for (var i = 0; i < take; i++)
                {
                    var log = await client.NextAsync("log");
                    seen.Add(int.Parse(log.Data.GetProperty("endpoint").GetString()![1..], CultureInfo.InvariantCulture));
                    last = log.Id;
                }
            }

            if (sent < 12_000)
            {
                await AppendAsync(Math.Min(3_000, 12_000 - sent));
            }
        }

        Assert.Equal(Enumerable.Range(0, 12_000), seen);

        async Task AppendAsync(int count)
        {
            await host.AppendAsync([.. Enumerable.Range(sent, count).Select(i => new Event(Now) { Endpoint = $"/{i}", Status = 200 })]);
            sent += count;
        }
    }

    [Fact]
    public async Task Filters_apply_to_the_past_and_the_present_alike()
    {
        await using var host = await RunningHost.StartAsync(settings: ["Live:RingCapacity=1000"]);
        await host.AppendAsync([.. Enumerable.Range(0, 5_000).Select(i => new Event(Now) { Endpoint = $"/{i}", Level = i % 100 == 0 ? "ERROR" : "INFO" })]);
        await host.CaughtUpAsync();
        await using var client = await SseClient.OpenAsync(host, "/events?level=ERROR", fromStart: true);
        for (var i = 0; i < 5_000; i += 100)
        {
            Assert.Equal($"/{i}", (await client.NextAsync("log")).Data.GetProperty("endpoint").GetString());
        }

        await host.AppendAsync([new Event(Now) { Endpoint = "/no", Level = "INFO" }, new Event(Now) { Endpoint = "/yes", Level = "ERROR" }]);
        Assert.Equal("/yes", (await client.NextAsync("log")).Data.GetProperty("endpoint").GetString());
    }

    [Fact]
    public async Task One_stream_too_many_is_told_to_come_later()
    {
        await using var host = await RunningHost.StartAsync(settings: ["Http:MaxEventStreams=1"]);
        await using var client = await SseClient.OpenAsync(host, "/events");
        using var response = await host.Http.GetAsync("/events", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(429, (int)response.StatusCode);
        Assert.Equal("5", response.Headers.RetryAfter?.ToString());
    }
}

/// <summary>Reads server-sent events.</summary>
internal sealed class SseClient : IAsyncDisposable
{
    private readonly HttpResponseMessage response;
    private readonly StreamReader reader;

    private SseClient(HttpResponseMessage response, StreamReader reader)
    {
        this.response = response;
        this.reader = reader;
    }

    public static async Task<SseClient> OpenAsync(RunningHost host, string path, string? lastEventId = null, bool fromStart = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (fromStart)
        {
            request.Headers.Add("Last-Event-ID", "start");
        }
        else if (!string.IsNullOrEmpty(lastEventId))
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        var response = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        return new SseClient(response, new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)));
    }

    /// <summary>The next event of a kind; others are passed over.</summary>
    public async Task<(string? Id, JsonElement Data)> NextAsync(string kind)
    {
        string? name = null, id = null, data = null;
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.Length == 0)
            {
                if (name == kind && data is not null)
                {
                    using var document = JsonDocument.Parse(data);
                    return (id, document.RootElement.Clone());
                }

                (name, id, data) = (null, null, null);
            }
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                name = line[7..];
            }
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                id = line[4..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                data = line[6..];
            }
        }

        throw new InvalidOperationException("The stream ended");
    }

    public ValueTask DisposeAsync()
    {
        reader.Dispose();
        response.Dispose();
        return ValueTask.CompletedTask;
    }
}
