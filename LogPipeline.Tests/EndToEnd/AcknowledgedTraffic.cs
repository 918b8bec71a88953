using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>Several senders at a fixed rate that remember which requests a host has acknowledged.</summary>
/// <remarks>Events of one request share the <c>session_id</c>, the request's name; <c>user_id</c> is the round, <c>trace_id</c> the event.</remarks>
internal sealed class AcknowledgedTraffic
{
    /// <summary>Events in one request.</summary>
    public const int EventsPerRequest = 100;

    private const int Senders = 4;
    private const int EventsPerSecond = 20_000;

    private static readonly TimeSpan BeforeRepeat = TimeSpan.FromMilliseconds(200);
    private readonly ConcurrentDictionary<string, bool> requests = new();
    private long repeated;

    /// <summary>Whether a request that was not acknowledged is sent again with the same <c>Idempotency-Key</c> until it is.</summary>
    public bool Repeats { get; init; }

    /// <summary>Names of the requests that were sent.</summary>
    public IReadOnlySet<string> Sent => requests.Keys.ToHashSet(StringComparer.Ordinal);

    /// <summary>Names of the requests that were answered as durable.</summary>
    public IReadOnlyList<string> Acknowledged => [.. requests.Where(pair => pair.Value).Select(pair => pair.Key)];

    /// <summary>Sends until cancelled, or until the host is gone.</summary>
    public Task SendAsync(HostProcess host, string round, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => SendAsync(host, round, $"{round}-s{sender}", cancellationToken)));

    /// <summary>Fails unless the table holds every acknowledged request, and of each request everything once or nothing.</summary>
    public async Task AssertStoredOnceAsync(string folder)
    {
        var torn = await HostProcess.QueryAsync(
            folder,
            $"SELECT session_id, count(*) AS n, count(DISTINCT trace_id) AS d FROM delta_lake.logs GROUP BY session_id HAVING count(*) <> {EventsPerRequest} OR count(DISTINCT trace_id) <> {EventsPerRequest}");
        Assert.True(torn.Count == 1, $"Requests that are there in part or twice: {string.Join(" | ", torn.Skip(1).Take(10))}");

        // Round by round: a query returns a bounded number of rows.
        var stored = new HashSet<string>(StringComparer.Ordinal);
        foreach (var round in Sent.Select(request => request[..request.LastIndexOf("-s", StringComparison.Ordinal)]).Distinct())
        {
            var rows = await HostProcess.QueryAsync(folder, $"SELECT DISTINCT session_id FROM delta_lake.logs WHERE user_id = '{round}'");
            stored.UnionWith(rows.Skip(1));
        }

        Assert.Empty(Acknowledged.Where(request => !stored.Contains(request)).Take(10));
        Assert.Empty(stored.Where(request => !Sent.Contains(request)).Take(10));
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var acknowledged = Acknowledged.Count;
        return string.Create(CultureInfo.InvariantCulture, $"{acknowledged * EventsPerRequest:N0} events acknowledged, {(Sent.Count - acknowledged) * EventsPerRequest:N0} not, {Interlocked.Read(ref repeated):N0} requests repeated");
    }

    private async Task SendAsync(HostProcess host, string round, string sender, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var pause = TimeSpan.FromSeconds((double)EventsPerRequest * Senders / EventsPerSecond);
        for (var number = 0; !cancellationToken.IsCancellationRequested; number++)
        {
            var request = $"{sender}-{number}";
            requests[request] = false;
            try
            {
                requests[request] = await PostAsync(host, Lines(round, request), request, cancellationToken);
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

    private async Task<bool> PostAsync(HostProcess host, string lines, string request, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var answer = await host.PostAsync(lines, cancellationToken, Repeats ? request : null);
            if (answer.StatusCode == HttpStatusCode.OK || !Repeats)
            {
                return answer.StatusCode == HttpStatusCode.OK;
            }

            Interlocked.Increment(ref repeated);
            await Task.Delay(BeforeRepeat, cancellationToken);
        }
    }

    private static string Lines(string round, string request)
    {
        var lines = new StringBuilder();
        for (var index = 0; index < EventsPerRequest; index++)
        {
            lines.Append(CultureInfo.InvariantCulture, $$"""{"level":"INFO","source":"kill","endpoint":"/api/{{index}}","method":"GET","status":200,"response_time":{{index}}.5,"user_id":"{{round}}","session_id":"{{request}}","trace_id":"{{request}}-{{index}}","message":"a line of the usual length for a log, so that entries have a believable size"}""").Append('\n');
        }

        return lines.ToString();
    }
}
