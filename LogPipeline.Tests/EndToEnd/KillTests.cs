using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>kill -9 under load, start again: what was acknowledged is in the table exactly once.</summary>
[Collection(Alone.Name)]
public sealed class KillTests(ITestOutputHelper output)
{
    /// <summary>Of a hundred rounds nearly all time would go into showing the last hour again.</summary>
    private const int ReadBack = 10_000;

    [Fact]
    public async Task Every_acknowledged_event_survives_kill_9_exactly_once()
    {
        output.WriteLine($"LOGPIPELINE_SEED={TestScale.Seed}");
        var random = new Random(TestScale.Seed);
        using var folder = new TestFolder();
        var rounds = TestScale.Of(10, 100);
        var traffic = new AcknowledgedTraffic();
        await using var host = await HostProcess.StartAsync("serve", folder.Path, "--set", $"Live:ReadBack={ReadBack}");

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
        output.WriteLine($"{rounds} rounds: {traffic}");
        Assert.True(acknowledged.Count > rounds, "Too little was acknowledged to prove anything");
        await traffic.AssertStoredOnceAsync(folder.Path);
    }
}
