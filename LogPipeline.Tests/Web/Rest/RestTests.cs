using System.Net;
using System.Text;
using System.Text.Json;
using LogPipeline.Core.Ingest;
using LogPipeline.Tests.Live;
using Xunit;

namespace LogPipeline.Tests.Web.Rest;

public sealed class RestTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1000;

    private RunningHost Host => fixture.Running;

    [Theory]
    [InlineData("/ping", "pong")]
    [InlineData("/health/live", "live")]
    public async Task Probes_answer_in_one_word(string path, string word) =>
        Assert.Equal(word, await Host.Http.GetStringAsync(path, TestContext.Current.CancellationToken));

    [Fact]
    public async Task Health_has_the_shape_of_the_contract()
    {
        await RunningHost.EventuallyAsync(async () => (await Host.Http.GetAsync("/health/ready", TestContext.Current.CancellationToken)).IsSuccessStatusCode, "ready");
        using var health = await Host.GetJsonAsync("/health");
        var root = health.RootElement;
        Assert.Contains(root.GetProperty("status").GetString(), (string[])["ok", "partial"]);
        Assert.Equal("web-logs", root.GetProperty("topic").GetString());
        Assert.Equal("embedded", root.GetProperty("broker").GetString());
        Assert.True(root.GetProperty("kafkaConnected").GetBoolean());
        Assert.Equal(0, root.GetProperty("clients").GetInt32());
        Assert.Equal(JsonValueKind.Object, root.GetProperty("metrics").ValueKind);
        Assert.Equal(["Ingest", "Event log", "Live", "Lake", "Query", "Web"], root.GetProperty("stages").EnumerateArray().Select(stage => stage.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Metrics_have_the_shape_of_the_contract_and_take_filters()
    {
        await Host.AppendAsync([new Event(Now) { Source = "metrics-test", Status = 200, ResponseTime = 40, Session = "a", Bytes = 2_000_000 }, new Event(Now) { Source = "metrics-test", Status = 500, ResponseTime = 60, Session = "b" }]);
        await Host.CaughtUpAsync();
        using var metrics = await Host.GetJsonAsync("/api/metrics?source=metrics-test");
        var root = metrics.RootElement;
        Assert.Equal(2, root.GetProperty("totalRequests").GetInt64());
        Assert.Equal(1, root.GetProperty("totalErrors").GetInt64());
        Assert.Equal(50, root.GetProperty("errorRate").GetDouble());
        Assert.Equal(50, root.GetProperty("avgResponseTime").GetDouble());
        Assert.Equal(2, root.GetProperty("dataProcessed").GetDouble());
        Assert.True(root.GetProperty("eventsPerSec").GetDouble() >= 0);
        Assert.True(DateTimeOffset.TryParse(root.GetProperty("lastUpdate").GetString(), System.Globalization.CultureInfo.InvariantCulture, out _));
    }

    [Fact]
    public async Task Logs_come_newest_first_and_page_backwards_without_a_gap()
    {
        await Host.AppendAsync([.. Enumerable.Range(0, 25).Select(i => new Event(Now) { Source = "paging", Endpoint = $"/{i}", Status = 200, Attributes = [new("region", "eu")] })]);
        await Host.CaughtUpAsync();
        var seen = new List<string?>();
        string? next = null;
        do
        {
            using var page = await Host.GetJsonAsync("/api/logs?source=paging&attributes.region=eu&limit=10" + (next is null ? "" : "&before=" + next));
            seen.AddRange(page.RootElement.GetProperty("logs").EnumerateArray().Select(row => row.GetProperty("endpoint").GetString()));
            next = page.RootElement.GetProperty("next").GetString();
        }
        while (next is not null);
        Assert.Equal(Enumerable.Range(0, 25).Reverse().Select(i => $"/{i}"), seen);
    }

    [Fact]
    public async Task Logs_are_filtered_by_level_status_method_and_text()
    {
        await Host.AppendAsync(
        [
            new Event(Now) { Source = "filters", Level = "ERROR", Status = 503, Method = "POST", Endpoint = "/a", Message = "Timed out" },
            new Event(Now) { Source = "filters", Level = "INFO", Status = 200, Method = "GET", Endpoint = "/b", Message = "fine" },
            new Event(Now) { Source = "filters", Level = "WARN", Status = 404, Method = "GET", Endpoint = "/c", Message = "missing" },
        ]);
        await Host.CaughtUpAsync();
        Assert.Equal("/a", await EndpointsAsync("level=error"));
        Assert.Equal("/c,/a", await EndpointsAsync("level=ERROR,WARN"));
        Assert.Equal("/a", await EndpointsAsync("status=5xx"));
        Assert.Equal("/c", await EndpointsAsync("status=404"));
        Assert.Equal("/b", await EndpointsAsync("status!=404&status!=5xx"));
        Assert.Equal("/a", await EndpointsAsync("method=post"));
        Assert.Equal("/c,/b", await EndpointsAsync("endpoint!=/a"));
        Assert.Equal("/a", await EndpointsAsync("q=timed"));
        Assert.Equal("", await EndpointsAsync("q=timed&case=true"));
        Assert.Equal("/c,/a", await EndpointsAsync("q=t[i]med|missing&regex=true"));

        async Task<string> EndpointsAsync(string filter)
        {
            using var page = await Host.GetJsonAsync("/api/logs?source=filters&" + filter);
            return string.Join(',', page.RootElement.GetProperty("logs").EnumerateArray().Select(row => row.GetProperty("endpoint").GetString()));
        }
    }

    [Fact]
    public async Task Anomalies_say_what_was_seen()
    {
        await Host.AppendAsync([new Event(Now) { Source = "odd", Endpoint = "/slow", Status = 200, ResponseTime = 5000 }]);
        await Host.CaughtUpAsync();
        using var anomalies = await Host.GetJsonAsync("/api/anomalies?source=odd");
        var one = Assert.Single(anomalies.RootElement.GetProperty("anomalies").EnumerateArray());
        Assert.Equal("slow", one.GetProperty("kind").GetString());
        Assert.Equal(5000, one.GetProperty("value").GetDouble());
        Assert.NotEmpty(one.GetProperty("explanation").GetString()!);
    }

    [Fact]
    public async Task Tables_are_listed_described_and_have_a_history()
    {
        await Host.AppendAsync([new Event(Now) { Source = "tables", Status = 200 }]);
        await RunningHost.EventuallyAsync(async () =>
        {
            using var tables = await Host.GetJsonAsync("/api/tables");
            return tables.RootElement.GetProperty("tables").EnumerateArray().Any(table => table.GetProperty("name").GetString() == "logs" && table.GetProperty("rows").GetInt64() > 0);
        }, "rows in logs");
        using var described = await Host.GetJsonAsync("/api/tables/LOGS");
        Assert.Contains(described.RootElement.GetProperty("columns").EnumerateArray(), column => column.GetProperty("name").GetString() == "event_offset");
        using var history = await Host.GetJsonAsync("/api/tables/logs/history?limit=1");
        Assert.Single(history.RootElement.GetProperty("history").EnumerateArray());
        using var optimized = await Host.PostAsync("/api/tables/logs/optimize", "", "application/json");
        Assert.Equal(HttpStatusCode.OK, optimized.StatusCode);
        using var vacuumed = await Host.PostAsync("/api/tables/logs/vacuum?dryRun=true", "", "application/json");
        Assert.Equal(HttpStatusCode.OK, vacuumed.StatusCode);
    }

    [Fact]
    public async Task Streams_name_their_fields_and_partitions()
    {
        using var streams = await Host.GetJsonAsync("/api/streams");
        var one = Assert.Single(streams.RootElement.GetProperty("streams").EnumerateArray());
        Assert.Equal("logs", one.GetProperty("table").GetString());
        Assert.Equal(16, one.GetProperty("fields").GetArrayLength());
        Assert.Single(one.GetProperty("partitions").EnumerateArray());
    }

    [Fact]
    public async Task Dead_letters_carry_reason_field_and_raw_bytes()
    {
        await Host.AppendAsync([], [new RejectedRecord("status", "'abc' is not a whole number", "test", 0, "{\"status\":\"abc\"}"u8.ToArray()), new RejectedRecord(null, "is not JSON", "test", 1, new byte[] { 0xFF, 0xFE })]);
        JsonElement[] letters = [];
        await RunningHost.EventuallyAsync(async () =>
        {
            using var response = await Host.Http.GetAsync("/api/dead-letters", TestContext.Current.CancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                return false;
            }

            using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            letters = [.. document.RootElement.GetProperty("deadLetters").EnumerateArray().Select(letter => letter.Clone())];
            return letters.Length >= 2;
        }, "dead letters");
        Assert.Equal("is not JSON", letters[0].GetProperty("reason").GetString());
        Assert.Equal("//4=", letters[0].GetProperty("rawBase64").GetString());
        Assert.Equal("status", letters[1].GetProperty("field").GetString());
        Assert.Equal("{\"status\":\"abc\"}", letters[1].GetProperty("raw").GetString());
    }

    [Fact]
    public async Task Conservation_adds_up_to_nothing_in_flight()
    {
        await Host.AppendAsync([new Event(Now) { Source = "conserved" }], [new RejectedRecord(null, "bad", "test", 0, default)]);
        await RunningHost.EventuallyAsync(async () =>
        {
            using var health = await Host.GetJsonAsync("/health");
            var line = health.RootElement.GetProperty("conservation");
            return line.GetProperty("difference").GetInt64() == 0 && line.GetProperty("inFlight").GetInt64() == 0 && line.GetProperty("deadLettered").GetInt64() > 0;
        }, "everything is stored");
    }

    [Fact]
    public async Task The_description_covers_every_path_and_is_served_here()
    {
        using var document = await Host.GetJsonAsync("/openapi/v1.json");
        var paths = document.RootElement.GetProperty("paths").EnumerateObject().Select(path => path.Name).ToList();
        foreach (var path in (string[])["/api/metrics", "/api/logs", "/api/anomalies", "/api/query", "/api/query/history", "/api/dead-letters", "/api/streams", "/api/tables", "/events", "/ping", "/api/health"])
        {
            Assert.Contains(path, paths);
        }

        var page = await Host.Http.GetStringAsync("/scalar/", TestContext.Current.CancellationToken);
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
        Assert.Contains("scalar.js", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prometheus_reads_the_meters()
    {
        using var body = new StringContent("""{"message":"counted"}""", System.Text.Encoding.UTF8, "application/json");
        using var answer = await Host.Http.PostAsync(new Uri("/api/ingest/web-logs", UriKind.Relative), body, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();

        // An answer is kept for half a second, so the first ones may be older than the event.
        var text = "";
        for (var attempt = 0; attempt < 100 && !text.Contains("logpipeline_ingest", StringComparison.Ordinal); attempt++)
        {
            text = await Host.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Contains("logpipeline_ingest", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/api/nothing", null, null, 404, "No such path")]
    [InlineData("POST", "/api/metrics", "{}", "application/json", 405, "allowed is GET")]
    [InlineData("GET", "/api/query", null, null, 405, "allowed is POST")]
    [InlineData("GET", "/api/logs?levl=ERROR", null, null, 400, "did you mean level?")]
    [InlineData("GET", "/api/logs?limit=0", null, null, 400, "'0' is not a whole number from 1 to 1000")]
    [InlineData("GET", "/api/logs?limit=5000", null, null, 400, "from 1 to 1000")]
    [InlineData("GET", "/api/logs?limit=ten", null, null, 400, "'ten' is not a whole number")]
    [InlineData("GET", "/api/logs?limit=1&limit=2", null, null, 400, "is given more than once")]
    [InlineData("GET", "/api/logs?before=yesterday", null, null, 400, "not a position such as 0:1204331")]
    [InlineData("GET", "/api/logs?status=teapot", null, null, 400, "is not a status such as 404")]
    [InlineData("GET", "/api/logs?q=(&regex=true", null, null, 400, "q")]
    [InlineData("GET", "/api/logs?q=a&regex=perhaps", null, null, 400, "'perhaps' is not true or false")]
    [InlineData("GET", "/api/logs?level=", null, null, 400, "has an empty value")]
    [InlineData("GET", "/api/logs?stream=weblogs", null, null, 404, "did you mean web-logs?")]
    [InlineData("GET", "/api/metrics?window=2h", null, null, 400, "is not a duration from 1s to 1h")]
    [InlineData("GET", "/api/metrics?window=soon", null, null, 400, "such as 15min")]
    [InlineData("GET", "/api/metrics?status=500", null, null, 400, "status is not a parameter")]
    [InlineData("GET", "/api/anomalies?since=later", null, null, 400, "is not a time such as")]
    [InlineData("GET", "/events?lastEventId=abc", null, null, 400, "not a position such as")]
    [InlineData("GET", "/events?lastEventId=0:1,0:2", null, null, 400, "not a position such as")]
    [InlineData("GET", "/api/tables/lgs", null, null, 404, "")]
    [InlineData("GET", "/api/tables/..%2F..%2Fetc", null, null, 404, "")]
    [InlineData("GET", "/api/dead-letters?before=x", null, null, 400, "not a position")]
    [InlineData("POST", "/api/query", "{", "application/json", 400, "Line 1, byte 2")]
    [InlineData("POST", "/api/query", "[]", "application/json", 400, "The body is not an object")]
    [InlineData("POST", "/api/query", "{}", "application/json", 400, "query is missing")]
    [InlineData("POST", "/api/query", "{\"query\":1}", "application/json", 400, "query is not text")]
    [InlineData("POST", "/api/query", "{\"sql\":\"select 1\"}", "application/json", 400, "sql is not understood")]
    [InlineData("POST", "/api/query", "{\"query\":\"select 1\",\"maxRows\":0}", "application/json", 400, "maxRows is not a number from 1")]
    [InlineData("POST", "/api/query", "{\"query\":\"select 1\",\"timeoutSeconds\":-1}", "application/json", 400, "timeoutSeconds")]
    [InlineData("POST", "/api/query", "<q/>", "application/xml", 415, "'application/xml' is not understood")]
    [InlineData("POST", "/api/query", "query=1", "application/x-www-form-urlencoded", 415, "is not understood")]
    [InlineData("POST", "/api/query", "select 1", "text/plain; charset=utf-16", 415, "charset 'utf-16'")]
    [InlineData("POST", "/api/query", "{\"query\":\"drop table logs\"}", "application/json", 400, "")]
    [InlineData("DELETE", "/api/tables/logs", null, null, 405, "allowed is GET")]
    public async Task A_wrong_request_gets_a_problem_that_names_what_is_wrong(string method, string path, string? body, string? contentType, int status, string detail)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(contentType!);
        }

        using var response = await Host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal((status, "application/problem+json"), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        using var problem = JsonDocument.Parse(text);
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
        Assert.Contains(detail, problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("pong", await Host.Http.GetStringAsync("/ping", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        // The client waits for leave to send the body: otherwise the refusal can close the connection while it still sends.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/query") { Content = new StringContent(new string(' ', 2 << 20), System.Text.Encoding.UTF8, "application/json") };
        request.Headers.ExpectContinue = true;
        using var response = await Host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }
}
