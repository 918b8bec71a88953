using LogPipeline.Core.Ingest;
using Xunit;

namespace LogPipeline.Tests.Ingest;

public sealed class AccessLogFormatTests
{
    private const string Line = """83.149.9.216 - frank [17/May/2015:10:05:03 +0200] "GET /a/b.html?x=1&y=2 HTTP/1.1" 404 203023 "http://semi.com/" "Mozilla/5.0 \"quoted\" (X)" """;

    [Fact]
    public async Task A_combined_line_is_detected_and_read()
    {
        await using var ingest = new IngestFixture();
        Assert.Equal(1, (await ingest.SendAsync(Line.Trim())).Accepted);
        var row = Assert.Single(await ingest.EventsAsync());
        Assert.Equal("2015-05-17T08:05:03.000000Z", row["timestamp"]);
        Assert.Equal("83.149.9.216", row["ip"]);
        Assert.Equal("frank", row["user_id"]);
        Assert.Equal("GET", row["method"]);
        Assert.Equal("/a/b.html", row["endpoint"]);
        Assert.Equal("x=1&y=2", row["attributes.query"]);
        Assert.Equal("HTTP/1.1", row["attributes.protocol"]);
        Assert.Equal("404", row["status"]);
        Assert.Equal("WARN", row["level"]);
        Assert.Equal("203023", row["bytes"]);
        Assert.Equal("http://semi.com/", row["referrer"]);
        Assert.Equal("""Mozilla/5.0 \"quoted\" (X)""", row["user_agent"]);
        Assert.Matches("^[0-9a-f]{16}$", row["session_id"]);
        Assert.DoesNotContain("response_time", row.Keys);
    }

    [Theory]
    [InlineData("""::1 - - [17/May/2015:10:05:03 +0000] "-" 408 - "-" "-" """, "::1", null)]
    [InlineData("""10.0.0.1 - - [17/May/2015:10:05:03 +0000] "\x16\x03\x01" 400 226 "-" "-" """, "10.0.0.1", """\x16\x03\x01""")]
    public async Task A_line_without_a_request_line_is_kept(string line, string ip, string? request)
    {
        await using var ingest = new IngestFixture();
        Assert.Equal(1, (await ingest.SendAsync(line.Trim())).Accepted);
        var row = Assert.Single(await ingest.EventsAsync());
        Assert.Equal(ip, row["ip"]);
        Assert.DoesNotContain("method", row.Keys);
        Assert.DoesNotContain("endpoint", row.Keys);
        Assert.Equal(request, row.GetValueOrDefault("attributes.request"));
    }

    [Fact]
    public async Task A_common_line_is_detected()
    {
        await using var ingest = new IngestFixture();
        await ingest.SendAsync("127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] \"GET /apache_pb.gif HTTP/1.0\" 200 2326\n");
        var row = Assert.Single(await ingest.EventsAsync());
        Assert.Equal("2000-10-10T20:55:36.000000Z", row["timestamp"]);
        Assert.Equal("/apache_pb.gif", row["endpoint"]);
    }

    [Fact]
    public async Task An_nginx_log_format_is_taken_as_it_is_pasted()
    {
        const string pasted = """
            log_format timed '$remote_addr - $remote_user [$time_local] "$request" '
                             '$status $body_bytes_sent "$http_referer" "$http_user_agent" '
                             'rt=$request_time host=$host "$http_x_forwarded_for"';
            """;
        await using var ingest = new IngestFixture();
        await ingest.SendAsync(
            """10.1.2.3 - - [17/May/2015:10:05:03 +0000] "POST /cart HTTP/2.0" 502 12 "-" "curl/8" rt=0.0125 host=shop.example "1.2.3.4, 5.6.7.8" """.Trim(),
            new IngestRequest("web-logs") { Format = pasted });
        var row = Assert.Single(await ingest.EventsAsync());
        Assert.Equal("12.5", row["response_time"]);
        Assert.Equal("shop.example", row["source"]);
        Assert.Equal("1.2.3.4, 5.6.7.8", row["attributes.http_x_forwarded_for"]);
        Assert.Equal("ERROR", row["level"]);
    }

    [Fact]
    public async Task A_visit_ends_after_half_an_hour_without_a_request()
    {
        await using var ingest = new IngestFixture();
        var lines = new[] { "10:00:00", "10:20:00", "10:49:00", "11:20:01" }
            .Select(time => $"1.1.1.1 - - [17/May/2015:{time} +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"A\"");
        await ingest.SendAsync(string.Join('\n', lines));
        var sessions = (await ingest.EventsAsync()).Select(row => row["session_id"]).ToList();
        Assert.Equal(sessions[0], sessions[2]);
        Assert.NotEqual(sessions[2], sessions[3]);
    }

    [Theory]
    [InlineData("""1.1.1.1 - - [99/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "A" """, "time_local", "must be a time")]
    [InlineData("""1.1.1.1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" abc 1 "-" "A" """, "status", "must be a status code")]
    [InlineData("""1.1.1.1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 x "-" "A" """, "body_bytes_sent", "must be a number of bytes")]
    [InlineData("""1.1.1.1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "A" extra""", null, "has more behind the end")]
    [InlineData("""1.1.1.1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1""", "request", "the line ends before")]
    [InlineData("""1.1.1.1 - - [17/May/1915:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "A" """, "time_local", "1970")]
    public async Task A_line_that_does_not_fit_is_rejected_with_its_variable(string line, string? field, string reason)
    {
        await using var ingest = new IngestFixture();
        var report = await ingest.SendAsync(line.Trim(), new IngestRequest("web-logs") { Format = "combined" });
        var error = Assert.Single(report.Errors);
        Assert.Equal(field, error.Field);
        Assert.Contains(reason, error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_real_log_has_its_lines_and_its_addresses()
    {
        var folder = Environment.GetEnvironmentVariable("LOGPIPELINE_TESTDATA");
        if (folder is null)
        {
            Assert.Skip("LOGPIPELINE_TESTDATA is not set");
        }

        await using var ingest = new IngestFixture();
        var report = await ingest.SendAsync(await File.ReadAllBytesAsync(Path.Combine(folder, "access-logs", "apache-combined-10k.log"), TestContext.Current.CancellationToken));
        Assert.Equal(10_000, report.Accepted + report.Rejected);
        Assert.InRange(report.Rejected, 0, 5);
        Assert.Equal(1_753, (await ingest.EventsAsync()).Select(row => row["ip"]).Distinct().Count());
    }
}
