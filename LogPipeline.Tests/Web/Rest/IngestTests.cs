using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Xunit;

namespace LogPipeline.Tests.Web.Rest;

public sealed class IngestTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private const string Path = "/api/ingest/web-logs";

    [Theory]
    [InlineData("{\"endpoint\":\"/a\"}", "application/json", 1)]
    [InlineData("[{\"endpoint\":\"/a\"},{\"endpoint\":\"/b\"}]", "application/json", 2)]
    [InlineData("{\"endpoint\":\"/a\"}\n{\"endpoint\":\"/b\"}\n", "application/x-ndjson", 2)]
    [InlineData("203.0.113.7 - - [23/Nov/2026:01:02:03 +0000] \"GET / HTTP/1.1\" 200 512\n", "text/plain", 1)]
    [InlineData("", "application/json", 0)]
    public async Task Every_form_of_a_body_is_taken_in(string body, string contentType, int accepted)
    {
        using var response = await fixture.Running.PostAsync(Path, body, contentType);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(accepted, answer.RootElement.GetProperty("accepted").GetInt32());
        Assert.Equal(0, answer.RootElement.GetProperty("rejected").GetInt32());
    }

    [Fact]
    public async Task What_does_not_fit_is_named_and_the_rest_is_kept()
    {
        using var response = await fixture.Running.PostAsync(Path, "{\"status\":200}\n{\"status\":\"abc\"}\nnot json\n", "application/x-ndjson");
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal((200, 1, 2), ((int)response.StatusCode, answer.RootElement.GetProperty("accepted").GetInt32(), answer.RootElement.GetProperty("rejected").GetInt32()));
        var errors = answer.RootElement.GetProperty("errors").EnumerateArray().ToList();
        Assert.Equal((1, "status"), (errors[0].GetProperty("index").GetInt32(), errors[0].GetProperty("field").GetString()));
        Assert.Equal(2, errors[1].GetProperty("index").GetInt32());
    }

    [Fact]
    public async Task A_repeat_with_its_key_adds_nothing_and_gzip_is_understood()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes("{\"endpoint\":\"/once\"}\n{\"endpoint\":\"/once\"}\n"), TestContext.Current.CancellationToken);
        }

        Assert.Equal((2, 0), await SendAsync());
        Assert.Equal((0, 2), await SendAsync());

        async Task<(int Accepted, int Duplicate)> SendAsync()
        {
            using var content = new ByteArrayContent(packed.ToArray());
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
            content.Headers.ContentEncoding.Add("gzip");
            content.Headers.Add("Idempotency-Key", "the-same-key");
            using var response = await fixture.Http.PostAsync(Path, content, TestContext.Current.CancellationToken);
            using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            return (answer.RootElement.GetProperty("accepted").GetInt32(), answer.RootElement.GetProperty("duplicate").GetInt32());
        }
    }

    [Theory]
    [InlineData("/api/ingest/weblogs", "{}", "application/json", null, 404, "did you mean web-logs?")]
    [InlineData("/api/ingest/web-logs?formt=json", "{}", "application/json", null, 400, "did you mean format?")]
    [InlineData("/api/ingest/web-logs?format=csv", "a,b", "text/plain", null, 400, "There is no format 'csv'")]
    [InlineData("/api/ingest/web-logs", "a", "application/octet-stream", null, 415, "is not understood")]
    [InlineData("/api/ingest/web-logs", "{}", "application/json", "br", 415, "'br' is not understood; send gzip")]
    [InlineData("/api/ingest/web-logs", "no gzip", "application/json", "gzip", 400, "The body is not gzip")]
    [InlineData("/api/owner/import", "{}", "application/json", null, 403, "Send events to /api/ingest")]
    public async Task A_wrong_request_gets_a_problem(string path, string body, string contentType, string? encoding, int status, string detail)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        using var response = await fixture.Http.PostAsync(path, content, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal((status, "application/problem+json"), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Contains(detail, JsonDocument.Parse(text).RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"status\":\"abc\"}")]
    [InlineData("{\"timestamp\":\"yesterday\"}")]
    [InlineData("{\"timestamp\":-1}")]
    [InlineData("{\"timestamp\":-9223372036854775808}")]
    [InlineData("{\"bytes\":1e300}")]
    [InlineData("[1,2]")]
    [InlineData("{\"a\":")]
    public async Task A_body_of_which_nothing_fits_is_unprocessable(string body)
    {
        using var response = await fixture.Running.PostAsync(Path, body, "application/json");
        Assert.Equal(422, (int)response.StatusCode);
        Assert.Equal("pong", await fixture.Http.GetStringAsync("/ping", TestContext.Current.CancellationToken));
    }
}
