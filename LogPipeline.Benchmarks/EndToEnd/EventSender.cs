using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>Sends events at a steady rate in small requests; each event's message carries the instant it was produced.</summary>
internal sealed class EventSender(HttpClient client, int eventsPerSecond)
{
    private const int RequestsPerSecond = 50;

    /// <summary>Every event is <c>bench-NUMBER-MILLISECONDS</c>: the number counts from 0, the time is since 1970.</summary>
    public const string Pattern = @"bench-(\d+)-(\d+)";

    /// <summary>Events sent and acknowledged.</summary>
    public long Sent { get; private set; }

    /// <summary>Sends until cancelled, or for a time.</summary>
    public async Task RunAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var perRequest = eventsPerSecond / RequestsPerSecond;
        var watch = Stopwatch.StartNew();
        var body = new StringBuilder();
        var pending = new Queue<Task>();
        for (var request = 0; watch.Elapsed < duration && !cancellationToken.IsCancellationRequested; request++)
        {
            var due = TimeSpan.FromSeconds((double)request / RequestsPerSecond);
            if (due > watch.Elapsed)
            {
                await Task.Delay(due - watch.Elapsed, CancellationToken.None);
            }

            body.Clear();
            for (var index = 0; index < perRequest; index++)
            {
                var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
                var number = ((long)request * perRequest) + index;
                body.Append(CultureInfo.InvariantCulture, $$"""{"timestamp":{{now}},"level":"INFO","source":"bench","endpoint":"/api/{{number % 40}}","method":"GET","status":200,"response_time":12.5,"user_id":"u{{number % 500}}","session_id":"s{{number % 900}}","ip":"10.0.0.{{number % 250}}","user_agent":"Mozilla/5.0 (X11; Linux x86_64) bench","bytes":1234,"message":"bench-{{number}}-{{now}}"}""").Append('\n');
            }

            pending.Enqueue(PostAsync(body.ToString(), perRequest));
            while (pending.Count > RequestsPerSecond || (pending.Count > 0 && pending.Peek().IsCompleted))
            {
                await pending.Dequeue();
            }
        }

        await Task.WhenAll(pending);
    }

    private async Task PostAsync(string body, int count)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/x-ndjson");
        using var answer = await client.PostAsync(new Uri("/api/ingest/web-logs", UriKind.Relative), content);
        answer.EnsureSuccessStatusCode();
        Sent += count;
    }
}
