using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>Server-sent events as curl sees them.</summary>
[Collection(Alone.Name)]
public sealed class EventStreamProcessTests(ITestOutputHelper output)
{
    private const int Tries = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Curl_shows_an_event_within_a_second_and_resumes_behind_the_last_id_without_a_gap()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/curl"), "curl is not installed (Debian: apt-get install curl)");
        using var folder = new TestFolder();
        await using var host = await HostProcess.StartAsync("serve", folder.Path);
        var fastest = TimeSpan.MaxValue;
        using (var curl = Curl(host, null))
        {
            // curl shows the metrics of each second: the stream is open.
            await NextAsync(curl, "event: metrics");
            for (var number = 0; number < Tries; number++)
            {
                var watch = Stopwatch.StartNew();
                await SendAsync(host, number);
                Assert.Equal($"id: 0:{number}", await NextAsync(curl, "id: "));
                fastest = watch.Elapsed < fastest ? watch.Elapsed : fastest;
                Assert.Contains($"\"/{number}\"", await NextAsync(curl, "data: "), StringComparison.Ordinal);
            }

            curl.Kill();
        }

        output.WriteLine($"from the request to the line on curl's output, the fastest of {Tries}: {fastest.TotalMilliseconds:0} ms");
        Assert.InRange(fastest, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        for (var number = Tries; number < Tries * 2; number++)
        {
            await SendAsync(host, number);
        }

        using var again = Curl(host, $"0:{Tries - 1}");
        for (var number = Tries; number < Tries * 2; number++)
        {
            Assert.Equal($"id: 0:{number}", await NextAsync(again, "id: "));
        }

        again.Kill();
    }

    private static Process Curl(HostProcess host, string? lastEventId)
    {
        string[] resume = lastEventId is null ? [] : ["-H", "Last-Event-ID: " + lastEventId];
        return Process.Start(new ProcessStartInfo("curl", ["-sN", .. resume, new Uri(host.Address, "/events").ToString()]) { RedirectStandardOutput = true })!;
    }

    private static async Task SendAsync(HostProcess host, int number)
    {
        using var answer = await host.PostAsync(string.Create(CultureInfo.InvariantCulture, $$"""{"endpoint":"/{{number}}","status":200}{{'\n'}}"""), TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>The next line that begins so.</summary>
    private static async Task<string> NextAsync(Process curl, string begin)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (await curl.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith(begin, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException("curl ended");
    }
}
