using System.IO.Compression;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using LogPipeline.Web.CommandLine;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>Bad input of every kind against one process: each gets its clear error, and the process lives on.</summary>
[Collection(Alone.Name)]
public sealed class BadInputTests(ITestOutputHelper output)
{
    private const string Lines = "application/x-ndjson";

    private static readonly (string Name, string Type, byte[] Body, string Query, string? Encoding, int Status, string Words)[] Ingest =
    [
        ("half an object", Lines, Text("{\"message\":"), "", null, 422, "is not valid JSON at byte 11"),
        ("an object that is not closed", Lines, Text("{\"message\":\"a\""), "", null, 422, "is not valid JSON at byte 14"),
        ("a status in words", Lines, Text("{\"status\":\"two\"}"), "", null, 422, "must be a whole number of 32 bits, not the text"),
        ("a status too great", Lines, Text("{\"status\":99999999999}"), "", null, 422, "not 99999999999"),
        ("a time in words", Lines, Text("{\"timestamp\":\"yesterday\"}"), "", null, 422, "must be a time as RFC 3339"),
        ("a time far ahead", Lines, Text("{\"timestamp\":\"2999-01-01T00:00:00Z\"}"), "", null, 422, "more than 24 hours ahead"),
        ("a time before 1970", Lines, Text("{\"timestamp\":\"1960-01-01T00:00:00Z\"}"), "", null, 422, "is before 1970"),
        ("bytes that are no UTF-8", Lines, [.. Text("{\"message\":\""), 0xFF, .. Text("\"}")], "", null, 422, "is not UTF-8"),
        ("a text for an event", Lines, Text("\"text\""), "", null, 422, "an event must be a JSON object, not a text"),
        ("numbers for events", "application/json", Text("[1,2]"), "", null, 422, "an event must be a JSON object, not a number"),
        ("an array that is not closed", "application/json", Text("[{\"message\":"), "", null, 422, "is not valid JSON"),
        ("a line that is no access log", "text/plain", Text("GET / HTTP/1.1"), "?format=combined", null, 422, "the line ends before"),
        ("an unknown format", Lines, Text("{}"), "?format=xml", null, 400, "There is no format 'xml'"),
        ("a parameter with a slip", Lines, Text("{}"), "?sorce=x", null, 400, "did you mean source?"),
        ("a picture", "image/png", Text("{}"), "", null, 415, "'image/png' is not understood"),
        ("another charset", "application/json; charset=utf-16", Text("{}"), "", null, 415, "The charset 'utf-16' is not understood"),
        ("another encoding", Lines, Text("{}"), "", "br", 415, "'br' is not understood"),
        ("no gzip", Lines, Text("plain"), "", "gzip", 400, "The body is not gzip"),
        ("a gzip bomb", Lines, Gzip(new byte[64 << 20]), "", "gzip", 422, "an event has at most"),
        ("nesting without end", Lines, Text("{\"a\":" + new string('[', 100_000)), "", null, 422, "maximum configured depth of 64"),
        ("a line without end", Lines, Text("{\"message\":\"" + new string('a', 2 << 20) + "\"}"), "", null, 422, "an event has at most 1,048,576"),
        ("any bytes", Lines, [.. Enumerable.Range(0, 4096).Select(i => (byte)(i * 7))], "", null, 422, "is not"),
    ];

    private static readonly (string Sql, string Class)[] Statements =
    [
        ("SELEC 1", "PARSE_SYNTAX_ERROR"),
        ("-- nothing", "PARSE_SYNTAX_ERROR"),
        ("SELECT 'open", "PARSE_SYNTAX_ERROR"),
        ("SELECT 1; SELECT 2", "PARSE_SYNTAX_ERROR"),
        ("SELECT * FROM '/etc/passwd'", "PARSE_SYNTAX_ERROR"),
        ("SELECT nothing FROM delta_lake.logs", "UNRESOLVED_COLUMN.WITH_SUGGESTION"),
        ("SELECT * FROM nowhere", "TABLE_OR_VIEW_NOT_FOUND"),
        ("SELECT getenv('PATH')", "UNRESOLVED_ROUTINE"),
        ("DROP TABLE delta_lake.logs", "UNSUPPORTED_FEATURE.EMBEDDED_ENGINE"),
        ("COPY delta_lake.logs TO '/tmp/x'", "UNSUPPORTED_FEATURE.EMBEDDED_ENGINE"),
        ("SELECT * FROM read_csv('/etc/passwd')", "UNSUPPORTED_FEATURE.EMBEDDED_ENGINE"),
        ("SELECT 1 / 0", "DIVIDE_BY_ZERO"),
        ("SELECT cast('x' AS int)", "CAST_INVALID_INPUT"),
        ("SELECT 'a' RLIKE '('", "INVALID_PARAMETER_VALUE.PATTERN"),
        ("SELECT 2147483647 + 1", "ARITHMETIC_OVERFLOW"),
        ("SELECT count(*) FROM range(10000000) a CROSS JOIN range(10000000) b WHERE a.id + b.id = 5", "QUERY_TIMEOUT"),
        ("SELECT " + new string('(', 20_000) + "1", "FAILED_TO_PARSE_TOO_COMPLEX"),
        ("SELECT 1" + string.Concat(Enumerable.Repeat("+1", 100_000)), "FAILED_TO_PARSE_TOO_COMPLEX"),
    ];

    private static readonly (string[] Line, int Code, string Words)[] CommandLines =
    [
        (["import", "none.log"], ExitCodes.Failed, "none.log"),
        (["import", "a-folder"], ExitCodes.Failed, "a-folder"),
        (["import", "broken.ndjson.gz"], ExitCodes.Failed, "broken.ndjson.gz cannot be read"),
        (["serve", "--port", "0"], ExitCodes.FolderOwned, "is owned by process"),
        (["serve", "--set", "Http:Prot=1"], ExitCodes.Usage, "did you mean LogPipeline:Http:Port?"),
        (["serve", "--set", "Lake:CommitInterval=tomorrow"], ExitCodes.Usage, "'tomorrow' is not a duration"),
        (["serve", "--bind", "0.0.0.0"], ExitCodes.Usage, "LogPipeline:Auth:Token"),
        (["serve", "--config", "broken.json"], ExitCodes.Usage, "broken.json"),
    ];

    [Fact]
    public async Task Every_bad_input_gets_its_error_and_the_process_lives_on()
    {
        using var folder = new TestFolder();
        var data = folder.PathOf("data");
        await using var host = await HostProcess.StartAsync("serve", data);
        var id = host.Id;
        Assert.InRange(Ingest.Length + Statements.Length + CommandLines.Length, 40, 100);
        foreach (var one in Ingest)
        {
            using var content = new ByteArrayContent(one.Body);
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(one.Type);
            if (one.Encoding is not null)
            {
                content.Headers.ContentEncoding.Add(one.Encoding);
            }

            using var answer = await host.Client.PostAsync(new Uri("/api/ingest/web-logs" + one.Query, UriKind.Relative), content, TestContext.Current.CancellationToken);
            await AssertAsync(one.Name, answer, one.Status, one.Words);
        }

        foreach (var (sql, errorClass) in Statements)
        {
            using var content = new StringContent(JsonSerializer.Serialize(new { query = sql, timeoutSeconds = 2 }), Encoding.UTF8, "application/json");
            using var answer = await host.Client.PostAsync(new Uri("/api/query", UriKind.Relative), content, TestContext.Current.CancellationToken);
            await AssertAsync(sql[..Math.Min(60, sql.Length)], answer, errorClass == "QUERY_TIMEOUT" ? 408 : 400, $"\"errorClass\":\"{errorClass}\"");
        }

        await AssertNonsenseIsRefusedAsync(host);
        Directory.CreateDirectory(folder.PathOf("a-folder"));
        await File.WriteAllBytesAsync(folder.PathOf("broken.ndjson.gz"), [0x1F, 0x8B, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8], TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.PathOf("broken.json"), "{ not json", TestContext.Current.CancellationToken);
        foreach (var (line, code, words) in CommandLines)
        {
            string[] placed = [.. line.Select(part => File.Exists(folder.PathOf(part)) || Directory.Exists(folder.PathOf(part)) ? folder.PathOf(part) : part)];
            var (exitCode, _, messages) = await HostProcess.RunAsync([.. placed, "--data", data]);
            Assert.True(exitCode == code && messages.Contains(words, StringComparison.OrdinalIgnoreCase), $"{string.Join(' ', line)}: exit {exitCode}: {messages}");
        }

        Assert.Equal(id, host.Id);
        using var good = await host.PostAsync("{\"message\":\"still here\"}\n", TestContext.Current.CancellationToken);
        Assert.Equal("{\"accepted\":1,\"rejected\":0,\"duplicate\":0,\"errors\":[]}", await good.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, await host.InterruptAsync());
        output.WriteLine($"{Ingest.Length + Statements.Length + CommandLines.Length + 1} bad inputs, one process");
    }

    private static async Task AssertAsync(string name, HttpResponseMessage answer, int status, string words)
    {
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True((int)answer.StatusCode == status && text.Contains(words, StringComparison.Ordinal), $"{name}: {(int)answer.StatusCode} {text[..Math.Min(600, text.Length)]}");
    }

    private static async Task AssertNonsenseIsRefusedAsync(HostProcess host)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(host.Address.Host, host.Address.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync("NONSENSE\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        Assert.StartsWith("HTTP/1.1 400", await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest))
        {
            stream.Write(content);
        }

        return packed.ToArray();
    }
}
