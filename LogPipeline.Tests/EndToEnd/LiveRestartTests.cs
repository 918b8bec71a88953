using System.Globalization;
using System.Text;
using System.Text.Json;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>The hour before a start: from the event log as far as it is read back, the rest from the table.</summary>
public sealed class LiveRestartTests
{
    [Fact]
    public async Task After_a_restart_the_hour_is_whole_though_not_all_of_the_log_is_read_back()
    {
        using var folder = new TestFolder();
        await using var host = await HostProcess.StartAsync("serve", folder.Path, "--set", "Live:ReadBack=12000", "--set", "Live:RingCapacity=1000");
        var now = TimeProvider.System.GetUtcNow();
        for (var minute = 50; minute > 0; minute--)
        {
            using var answer = await host.PostAsync(Lines(now.AddMinutes(-minute), minute % 10 == 0 ? 500 : 200), TestContext.Current.CancellationToken);
            answer.EnsureSuccessStatusCode();
        }

        var before = await UntilAsync(host, metrics => metrics.GetProperty("totalRequests").GetInt64() == 20_000);
        Assert.Equal(0, await host.InterruptAsync());
        await host.StartAgainAsync();
        var after = await UntilAsync(host, metrics => metrics.GetProperty("totalRequests").GetInt64() == 20_000);

        Assert.Contains("Live web-logs: 8000 events taken from the table, the rest of the hour", host.Log, StringComparison.Ordinal);
        foreach (var name in (string[])["errorRate", "avgResponseTime", "p50", "p95", "p99", "dataProcessed", "totalErrors"])
        {
            Assert.Equal((name, before.GetProperty(name).GetDouble()), (name, after.GetProperty(name).GetDouble()));
        }
    }

    private static string Lines(DateTimeOffset at, int status)
    {
        var lines = new StringBuilder();
        for (var index = 0; index < 400; index++)
        {
            lines.Append(CultureInfo.InvariantCulture, $"{{\"timestamp\":\"{at.AddMilliseconds(index * 10):O}\",\"status\":{status},\"endpoint\":\"/page/{index % 7}\",\"response_time\":{index},\"bytes\":1000,\"session_id\":\"s{index % 50}\"}}\n");
        }

        return lines.ToString();
    }

    private static async Task<JsonElement> UntilAsync(HostProcess host, Func<JsonElement, bool> reached)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        var last = "";
        try
        {
            while (true)
            {
                last = await host.Client.GetStringAsync(new Uri("/api/metrics?window=1h", UriKind.Relative), patience.Token);
                var metrics = JsonDocument.Parse(last).RootElement.Clone();
                if (reached(metrics))
                {
                    return metrics;
                }

                await Task.Delay(50, patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            throw new InvalidOperationException($"{last}\n{host.Log}");
        }
    }
}
