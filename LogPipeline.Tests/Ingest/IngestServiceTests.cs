using System.IO.Compression;
using System.Text;
using LogPipeline.Core.Ingest;
using Xunit;

namespace LogPipeline.Tests.Ingest;

public sealed class IngestServiceTests
{
    [Fact]
    public async Task One_event_keeps_its_columns_and_its_other_fields_as_attributes()
    {
        await using var ingest = new IngestFixture();
        var report = await ingest.SendAsync("""
            {
              "timestamp": "2025-11-23T03:41:07.25+01:00", "level": "warning", "endpoint": "/a", "status": 404, "response_time": 12.5,
              "bytes": 1234567890123, "message": "h\u00e9 \"q\"", "plan": "pro", "cart": {"items": [1, 2]}, "vip": true, "nothing": null
            }
            """);

        Assert.Equal(1, report.Accepted);
        var row = Assert.Single(await ingest.EventsAsync());
        Assert.Equal("2025-11-23T02:41:07.250000Z", row["timestamp"]);
        Assert.Equal("WARN", row["level"]);
        Assert.Equal("404", row["status"]);
        Assert.Equal("12.5", row["response_time"]);
        Assert.Equal("1234567890123", row["bytes"]);
        Assert.Equal("hé \"q\"", row["message"]);
        Assert.Equal("pro", row["attributes.plan"]);
        Assert.Equal("""{"items": [1, 2]}""", row["attributes.cart"]);
        Assert.Equal("true", row["attributes.vip"]);
        Assert.DoesNotContain("attributes.nothing", row.Keys);
        Assert.DoesNotContain("user_id", row.Keys);
    }

    [Theory]
    [InlineData("""{"message":"a"}""", 1)]
    [InlineData("""[{"message":"a"},{"message":"b"}]""", 2)]
    [InlineData("{\"message\":\"a\"}\n{\"message\":\"b\"}\n", 2)]
    [InlineData("{\"message\":\"a\"}\r\n\r\n{\"message\":\"b\"}", 2)]
    [InlineData("\uFEFF{\"message\":\"a\"}", 1)]
    [InlineData("[]", 0)]
    [InlineData("", 0)]
    public async Task One_event_an_array_and_a_line_an_event_are_all_taken(string body, int expected)
    {
        await using var ingest = new IngestFixture();
        var report = await ingest.SendAsync(body);
        Assert.Equal((expected, 0L), (report.Accepted, report.Rejected));
        Assert.Equal(expected, (await ingest.EventsAsync()).Count);
    }

    [Fact]
    public async Task The_rest_of_a_batch_is_kept_when_a_record_does_not_fit()
    {
        await using var ingest = new IngestFixture();
        var report = await ingest.SendAsync(
            "{\"message\":\"a\"}\n{\"status\":\"abc\"}\nnot json\n{\"message\":\"b\"}\n",
            new IngestRequest("web-logs") { OneALine = true, Source = "app" });

        Assert.Equal((2, 2), (report.Accepted, report.Rejected));
        Assert.Equal([(1L, "status"), (2L, null)], report.Errors.Select(error => (error.Index, error.Field)));
        var rejected = await ingest.RejectedAsync();
        Assert.Equal("{\"status\":\"abc\"}", Encoding.UTF8.GetString(rejected[0].Raw.Span));
        Assert.Equal("app", rejected[0].Source);
        Assert.All(await ingest.EventsAsync(), row => Assert.Equal("app", row["source"]));
    }

    [Fact]
    public async Task A_request_of_several_batches_with_a_key_is_recognised_as_a_whole()
    {
        var options = new IngestOptions { BatchRows = 10 };
        await using var ingest = new IngestFixture(options);
        var body = string.Join('\n', Enumerable.Range(0, 95).Select(number => $$"""{"message":"{{number}}"}"""));
        var request = new IngestRequest("web-logs") { IdempotencyKey = "k1" };

        Assert.Equal(95, (await ingest.SendAsync(body, request)).Accepted);
        var again = await ingest.SendAsync(body, request);
        Assert.Equal((0, 95), (again.Accepted, again.Duplicate));
        Assert.Equal(Enumerable.Range(0, 95).Select(number => $"{number}"), (await ingest.EventsAsync()).Select(row => row["message"]));
    }

    [Fact]
    public async Task Gzip_is_unpacked_and_bounded()
    {
        await using var ingest = new IngestFixture(new IngestOptions { MaxBodyBytes = 2_000_000 });
        Assert.Equal(2, (await ingest.SendAsync(Gzip("{\"message\":\"a\"}\n{\"message\":\"b\"}"), new IngestRequest("web-logs") { IsGzip = true })).Accepted);

        var bomb = Gzip(new string(' ', 3_000_000));
        var error = await Assert.ThrowsAsync<IngestException>(() => ingest.SendAsync(bomb, new IngestRequest("web-logs") { IsGzip = true }));
        Assert.Contains("LogPipeline:Ingest:MaxBodyBytes", error.Message, StringComparison.Ordinal);

        var noGzip = await Assert.ThrowsAsync<IngestException>(() => ingest.SendAsync("{}", new IngestRequest("web-logs") { IsGzip = true }));
        Assert.Contains("not gzip", noGzip.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_longer_than_the_limit_is_a_dead_letter_and_the_next_one_is_kept()
    {
        await using var ingest = new IngestFixture(new IngestOptions { MaxEventBytes = 64 * 1024 });
        var report = await ingest.SendAsync(
            "{\"message\":\"a\"}\n{\"message\":\"" + new string('x', 5_000_000) + "\"}\n{\"message\":\"b\"}\n", new IngestRequest("web-logs") { OneALine = true });
        Assert.Equal((2, 1), (report.Accepted, report.Rejected));
        Assert.Contains("an event has at most 65,536", report.Errors[0].Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nope", null, "There is no stream 'nope'; the streams are web-logs")]
    [InlineData("web-logs", "yaml", "There is no format 'yaml'")]
    [InlineData("web-logs", "$remote_addr$status", "nothing between $remote_addr and $status")]
    [InlineData("web-logs", "$remote_addr $status", "has no time")]
    public async Task What_cannot_be_taken_at_all_is_refused(string stream, string? format, string expected)
    {
        await using var ingest = new IngestFixture();
        var error = await Assert.ThrowsAsync<IngestException>(() => ingest.SendAsync("x", new IngestRequest(stream) { Format = format }));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static byte[] Gzip(string text)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return target.ToArray();
    }
}
