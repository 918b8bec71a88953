using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>Ctrl-C under load: the host ends in time, by itself, and nothing that it acknowledged waits for the next start.</summary>
[Collection(Alone.Name)]
public sealed partial class DrainTests(ITestOutputHelper output)
{
    /// <summary>A request that never ends and an event stream that never ends must not keep the host.</summary>
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_under_load_drains_in_time_and_exactly_what_was_acknowledged_is_stored(string signal)
    {
        using var folder = new TestFolder();
        var traffic = new AcknowledgedTraffic();
        await using var host = await HostProcess.StartAsync("serve", folder.Path);
        using var events = await host.Client.GetStreamAsync(new Uri("/events", UriKind.Relative), TestContext.Current.CancellationToken);
        using var endless = await SendHalfARequestAsync(host);
        using var stop = new CancellationTokenSource();
        var sending = traffic.SendAsync(host, "drain", stop.Token);
        await UntilAsync(() => traffic.Acknowledged.Count >= 200);

        var watch = Stopwatch.StartNew();
        var exitCode = await host.InterruptAsync(signal);
        var elapsed = watch.Elapsed;
        await stop.CancelAsync();
        await sending;

        output.WriteLine($"SIG{signal}: ended after {elapsed.TotalSeconds:0.00} s, {traffic.Acknowledged.Count * AcknowledgedTraffic.EventsPerRequest:N0} events acknowledged");
        Assert.Equal(0, exitCode);
        Assert.InRange(elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal("", string.Join(Environment.NewLine, Complaint().Matches(host.Log).Select(line => line.Value)));
        var expected = traffic.Acknowledged.Order(StringComparer.Ordinal).ToList();
        Assert.Equal(expected, await StoredAsync(folder.Path));

        // What the event log holds beyond the table would be stored by the next start.
        await host.StartAgainAsync();
        Assert.Equal(0, await host.InterruptAsync(signal));
        Assert.Equal(expected, await StoredAsync(folder.Path));
    }

    [Fact]
    public async Task Ctrl_C_ends_a_demo_that_is_filling_in_its_day()
    {
        using var folder = new TestFolder();
        await using var host = await HostProcess.StartAsync("demo", folder.Path);
        var watch = Stopwatch.StartNew();
        Assert.Equal(0, await host.InterruptAsync());
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal("", string.Join(Environment.NewLine, Complaint().Matches(host.Log).Select(line => line.Value)));
    }

    /// <summary>A terminal signals every process of a job, and a supervisor is impatient.</summary>
    [Fact]
    public async Task A_signal_that_comes_twice_drains_as_one()
    {
        using var folder = new TestFolder();
        await using var host = await HostProcess.StartAsync("demo", folder.Path);
        using (var kill = Process.Start("sh", ["-c", FormattableString.Invariant($"kill -INT {host.Id}; kill -TERM {host.Id}; kill -TERM {host.Id}")]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(0, await host.EndAsync());
        Assert.Equal("", string.Join(Environment.NewLine, Complaint().Matches(host.Log).Select(line => line.Value)));
    }

    /// <summary>Names of the requests that are in the table with each of their events once.</summary>
    private static async Task<List<string>> StoredAsync(string folder)
    {
        var rows = await HostProcess.QueryAsync(
            folder, "SELECT session_id, count(*) AS n, count(DISTINCT trace_id) AS d FROM delta_lake.logs GROUP BY session_id ORDER BY session_id");
        return [.. rows.Skip(1).Select(row =>
        {
            var cells = row.Split(',');
            Assert.Equal([$"{AcknowledgedTraffic.EventsPerRequest}", $"{AcknowledgedTraffic.EventsPerRequest}"], cells[1..]);
            return cells[0];
        }).Order(StringComparer.Ordinal)];
    }

    private static async Task<TcpClient> SendHalfARequestAsync(HostProcess host)
    {
        var client = new TcpClient();
        await client.ConnectAsync(host.Address.Host, host.Address.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes($"POST /api/ingest/web-logs HTTP/1.1\r\nHost: {host.Address.Authority}\r\nContent-Type: application/x-ndjson\r\nContent-Length: 1000\r\n\r\n{{\"message\":"),
            TestContext.Current.CancellationToken);
        return client;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    [GeneratedRegex("(?m)^[0-9:]+ (warn|fail|crit): .*$|Unhandled exception")]
    private static partial Regex Complaint();
}
