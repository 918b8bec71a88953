using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>kill -9 under load, start again: what was acknowledged is in the table exactly once.</summary>
[Collection(Alone.Name)]
public sealed class KillTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_acknowledged_event_survives_kill_9_exactly_once()
    {
        output.WriteLine($"LOGPIPELINE_SEED={TestScale.Seed}");
        var random = new Random(TestScale.Seed);
        using var folder = new TestFolder();
        var rounds = TestScale.Of(10, 100);
        var traffic = new AcknowledgedTraffic();
        await using var host = await HostProcess.StartAsync("serve", folder.Path);

        for (var round = 0; round < rounds; round++)
        {
            if (round > 0)
            {
                await host.StartAgainAsync();
            }

            var moment = TimeSpan.FromMilliseconds(random.Next(300, 2_500));
            using var stop = new CancellationTokenSource();
            var sending = traffic.SendAsync(host, $"r{round}", stop.Token);
            await Task.Delay(moment, TestContext.Current.CancellationToken);
            await host.KillAsync();
            await stop.CancelAsync();
            await sending;
        }

        await host.StartAgainAsync();
        Assert.Equal(0, await host.InterruptAsync());

        var acknowledged = traffic.Acknowledged;
        output.WriteLine($"{rounds} rounds, {acknowledged.Count * AcknowledgedTraffic.EventsPerRequest:N0} events acknowledged, {(traffic.Sent.Count - acknowledged.Count) * AcknowledgedTraffic.EventsPerRequest:N0} not");
        Assert.True(acknowledged.Count > rounds, "Too little was acknowledged to prove anything");

        var torn = await HostProcess.QueryAsync(
            folder.Path,
            $"SELECT session_id, count(*) AS n, count(DISTINCT trace_id) AS d FROM delta_lake.logs GROUP BY session_id HAVING count(*) <> {AcknowledgedTraffic.EventsPerRequest} OR count(DISTINCT trace_id) <> {AcknowledgedTraffic.EventsPerRequest}");
        Assert.True(torn.Count == 1, $"Requests that are there in part or twice: {string.Join(" | ", torn.Skip(1).Take(10))}");

        var stored = new HashSet<string>(StringComparer.Ordinal);
        stored.UnionWith((await HostProcess.QueryAsync(folder.Path, "SELECT DISTINCT session_id FROM delta_lake.logs", traffic.Sent.Count + 1)).Skip(1));
        Assert.Empty(acknowledged.Where(request => !stored.Contains(request)).Take(10));
        Assert.Empty(stored.Where(request => !traffic.Sent.Contains(request)).Take(10));
    }
}
