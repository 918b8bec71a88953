using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using LogPipeline.Tests.Engines;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>Answers that are larger than the memory which their host may take for them.</summary>
[Collection(Alone.Name)]
public sealed class LargeQueryTests(SparkConnectServer spark, ITestOutputHelper output)
{
    private const string RowMark = "\"id\":";
    private const int End = 200;
    private const long Allowed = 192L << 20;
    private static readonly int Rows = TestScale.Of(1_000_000, 10_000_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_is_written_as_it_comes_and_not_held()
    {
        var server = await spark.GetAsync();
        using var folder = new TestFolder();
        string[] settings = ["Query:Engine=Spark", string.Create(CultureInfo.InvariantCulture, $"Spark:Master=sc://127.0.0.1:{server.Port}"), $"Spark:Token={server.Token}", "Spark:StartTimeout=10m", "Query:Timeout=30m"];
        string[] options = [.. settings.SelectMany(setting => (string[])["--set", setting])];
        await using var host = await HostProcess.StartAsync("serve", folder.Path, options);
        foreach (var engine in (string[])["spark", "embedded"])
        {
            await ReadAsync(host, engine, 100_000);
            var before = Resident(host.Id);
            var (rows, bytes, most) = await ReadAsync(host, engine, Rows);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{engine}: {rows} rows in {bytes >> 20} MiB; the host takes {before >> 20} MiB, and {most >> 20} MiB at most meanwhile"));
            Assert.Equal(Rows, rows);
            Assert.True(bytes > Allowed, $"{bytes} bytes prove nothing");
            Assert.True(most - before < Allowed, $"{most - before} bytes were held of an answer of {bytes}");
        }

        // The command line is a process of its own, which attaches to the same server.
        var (code, text, messages) = await HostProcess.RunAsync(["query", Sql(20_000), "--format", "csv", "--max-rows", "2000000", "--data", folder.Path, .. options]);
        Assert.True(code == 0, messages);
        Assert.Equal(20_001, text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task An_answer_that_fails_behind_its_first_rows_breaks_off()
    {
        var server = await spark.GetAsync();
        using var folder = new TestFolder();
        string[] settings = ["Query:Engine=Spark", string.Create(CultureInfo.InvariantCulture, $"Spark:Master=sc://127.0.0.1:{server.Port}"), $"Spark:Token={server.Token}", "Spark:StartTimeout=10m", "Query:Timeout=10m"];
        await using var host = await HostProcess.StartAsync("serve", folder.Path, [.. settings.SelectMany(setting => (string[])["--set", setting])]);
        using var response = await AskAsync(host, "SELECT repeat('x', 1000) AS t, 1 / (40000 - id) AS q FROM range(0, 50000, 1, 50)", "spark", 2_000_000);
        Assert.True(response.IsSuccessStatusCode);
        await Assert.ThrowsAnyAsync<Exception>(async () => await CountAsync(await response.Content.ReadAsStreamAsync(Token), () => { }));
        Assert.Contains("DIVIDE_BY_ZERO", await host.Client.GetStringAsync(new Uri("/api/query/history", UriKind.Relative), Token), StringComparison.Ordinal);
    }

    private static string Sql(int rows) =>
        string.Create(CultureInfo.InvariantCulture, $"SELECT id, id % 100 AS page, concat('user-', id) AS visitor, repeat('x', {TestScale.Of(200, 20)}) AS text FROM range(0, {rows}, 1, {Math.Max(1, rows / 50_000)})");

    private static async Task<(long Rows, long Bytes, long MostMemory)> ReadAsync(HostProcess host, string engine, int rows)
    {
        using var response = await AskAsync(host, Sql(rows), engine, rows + 1);
        Assert.True(response.IsSuccessStatusCode, response.ToString());
        var most = 0L;
        var (counted, bytes, end) = await CountAsync(await response.Content.ReadAsStreamAsync(Token), () => most = Math.Max(most, Resident(host.Id)));
        Assert.Contains($"\"truncated\":false,\"engine\":\"{engine}\"", end, StringComparison.Ordinal);
        return (counted, bytes, most);
    }

    private static async Task<HttpResponseMessage> AskAsync(HostProcess host, string sql, string engine, int maxRows)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/query", UriKind.Relative)) { Content = JsonContent.Create(new { query = sql, maxRows, engine }) };
        return await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
    }

    /// <summary>Reads to the end and counts rows by the name of their first column; what it has read is forgotten.</summary>
    private static async Task<(long Rows, long Bytes, string End)> CountAsync(Stream stream, Action atTimes)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var (rows, bytes, end) = (0L, 0L, "");
        var buffer = new char[1 << 20];
        while (await reader.ReadAsync(buffer, Token) is > 0 and var read)
        {
            bytes += read;
            rows += Count(buffer.AsSpan(0, read)) + Count(end[^Math.Min(end.Length, RowMark.Length - 1)..] + new string(buffer, 0, Math.Min(read, RowMark.Length - 1)));
            end += new string(buffer, Math.Max(0, read - End), Math.Min(read, End));
            end = end[^Math.Min(end.Length, End)..];
            atTimes();
        }

        return (rows, bytes, end);
    }

    private static int Count(ReadOnlySpan<char> text) => text.Count(RowMark);

    /// <summary>Memory that a process takes now.</summary>
    private static long Resident(int id)
    {
        var line = File.ReadLines($"/proc/{id}/status").First(field => field.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line["VmRSS:".Length..^"kB".Length].Trim(), CultureInfo.InvariantCulture) * 1024;
    }
}
