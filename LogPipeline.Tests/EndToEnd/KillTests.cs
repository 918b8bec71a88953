using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>kill -9 under load, start again: what was acknowledged is in the table exactly once.</summary>
[Collection(Alone.Name)]
public sealed class KillTests(ITestOutputHelper output)
{
    private const int EventsPerRequest = 100;
    private const int Senders = 4;
    private const int EventsPerSecond = 20_000;

    [Fact]
    public async Task Every_acknowledged_event_survives_kill_9_exactly_once()
    {
        output.WriteLine($"LOGPIPELINE_SEED={TestScale.Seed}");
        var random = new Random(TestScale.Seed);
        using var folder = new TestFolder();
        var rounds = TestScale.Of(10, 100);
        var sent = new ConcurrentDictionary<string, bool>();
        await using var host = await HostProcess.StartAsync("serve", folder.Path);

        for (var round = 0; round < rounds; round++)
        {
            if (round > 0)
            {
                await host.StartAgainAsync();
            }

            var moment = TimeSpan.FromMilliseconds(random.Next(300, 2_500));
            using var stop = new CancellationTokenSource();
            var senders = Enumerable.Range(0, Senders).Select(sender => SendAsync(host, $"r{round}-s{sender}", sent, stop.Token)).ToList();
            await Task.Delay(moment, TestContext.Current.CancellationToken);
            await host.KillAsync();
            await stop.CancelAsync();
            await Task.WhenAll(senders);
        }

        await host.StartAgainAsync();
        Assert.Equal(0, await host.InterruptAsync());

        var acknowledged = sent.Where(pair => pair.Value).Select(pair => pair.Key).ToList();
        output.WriteLine($"{rounds} rounds, {acknowledged.Count * EventsPerRequest:N0} events acknowledged, {(sent.Count - acknowledged.Count) * EventsPerRequest:N0} not");
        Assert.True(acknowledged.Count > rounds, "Too little was acknowledged to prove anything");

        var torn = await HostProcess.QueryAsync(
            folder.Path,
            $"SELECT session_id, count(*) AS n, count(DISTINCT trace_id) AS d FROM delta_lake.logs GROUP BY session_id HAVING count(*) <> {EventsPerRequest} OR count(DISTINCT trace_id) <> {EventsPerRequest}");
        Assert.True(torn.Count == 1, $"Requests that are there in part or twice: {string.Join(" | ", torn.Skip(1).Take(10))}");

        var stored = new HashSet<string>(StringComparer.Ordinal);
        for (var round = 0; round < rounds; round++)
        {
            var rows = await HostProcess.QueryAsync(folder.Path, $"SELECT DISTINCT session_id FROM delta_lake.logs WHERE user_id = 'r{round}'");
            stored.UnionWith(rows.Skip(1));
        }

        Assert.Empty(acknowledged.Where(request => !stored.Contains(request)).Take(10));
        Assert.Empty(stored.Where(request => !sent.ContainsKey(request)).Take(10));
    }

    private static async Task SendAsync(HostProcess host, string sender, ConcurrentDictionary<string, bool> sent, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var pause = TimeSpan.FromSeconds((double)EventsPerRequest * Senders / EventsPerSecond);
        for (var number = 0; !cancellationToken.IsCancellationRequested; number++)
        {
            var request = $"{sender}-{number}";
            sent[request] = false;
            try
            {
                using var answer = await host.PostAsync(Lines(request), cancellationToken);
                sent[request] = answer.StatusCode == HttpStatusCode.OK;
                var due = pause * (number + 1);
                if (due > watch.Elapsed)
                {
                    await Task.Delay(due - watch.Elapsed, cancellationToken);
                }
            }
            catch (Exception error) when (error is HttpRequestException or OperationCanceledException or IOException)
            {
                return;
            }
        }
    }

    private static string Lines(string request)
    {
        var round = request[..request.IndexOf('-', StringComparison.Ordinal)];
        var lines = new StringBuilder();
        for (var index = 0; index < EventsPerRequest; index++)
        {
            lines.Append(CultureInfo.InvariantCulture, $$"""{"level":"INFO","source":"kill","endpoint":"/api/{{index}}","method":"GET","status":200,"response_time":{{index}}.5,"user_id":"{{round}}","session_id":"{{request}}","trace_id":"{{request}}-{{index}}","message":"a line of the usual length for a log, so that entries have a believable size"}""").Append('\n');
        }

        return lines.ToString();
    }
}
