using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LogPipeline.Core.Configuration;
using LogPipeline.Web.Hosting;

namespace LogPipeline.Web.CommandLine;

/// <summary><c>test pipeline</c>: sends marked events and checks that every way out returns exactly those.</summary>
internal static class TestCommand
{
    public static Command Create(CommandContext context)
    {
        var duration = new Argument<string>("duration") { Description = "How long to send, such as 10s", DefaultValueFactory = _ => "3s" };
        duration.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } text && OptionValues.ReadDuration(text) is not { Ticks: > 0 })
            {
                result.AddError($"'{text}' is not a duration such as 10s");
            }
        });
        var url = new Option<string?>("--url") { Description = "Host to test; otherwise the one that owns the data folder, or a new one on a temporary folder", HelpName = "URL" };
        var pipeline = new Command("pipeline", "Send marked events; check that health, metrics, logs, events and query return exactly those.") { duration, url };
        Help.AddExamples("test pipeline", "logpipeline test pipeline", "logpipeline test pipeline 30s --url http://localhost:4000");
        pipeline.SetAction(async (parsed, cancellation) =>
        {
            var span = OptionValues.ReadDuration(parsed.GetRequiredValue(duration))!.Value;
            if (parsed.GetValue(url) is { } target)
            {
                using var http = new HttpClient { BaseAddress = new Uri(target) };
                return await ReportAsync(context, parsed, await new PipelineTest(http).RunAsync(span, cancellation));
            }

            using var owner = OwnerClient.Find(context.Load(parsed).Host.DataFolder);
            if (owner is not null)
            {
                return await ReportAsync(context, parsed, await new PipelineTest(owner.Http).RunAsync(span, cancellation));
            }

            var folder = Directory.CreateTempSubdirectory("logpipeline-test-").FullName;
            try
            {
                await context.Error.WriteLineAsync("No host runs; starting one on a temporary folder.");
                var configuration = HostConfiguration.Load(context.Common.Read(parsed, context.Process) with { Data = folder, Port = 0 });
                await using var host = PipelineHost.Create(configuration);
                await host.StartAsync(cancellation);
                using var own = OwnerClient.Find(folder)!;
                var results = await new PipelineTest(own.Http).RunAsync(span, cancellation);
                await host.StopAsync(CancellationToken.None);
                return await ReportAsync(context, parsed, results);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        });
        return new Command("test", "Test a running host.") { pipeline };
    }

    private static async Task<int> ReportAsync(CommandContext context, ParseResult parsed, IReadOnlyList<PipelineCheck> checks)
    {
        if (context.WantsJson(parsed))
        {
            await context.Output.WriteLineAsync("[" + string.Join(",", checks.Select(check =>
                $"{{\"check\":\"{check.Name}\",\"ok\":{(check.Passed ? "true" : "false")},\"seen\":\"{JsonEncodedText.Encode(check.Seen)}\"}}")) + "]");
        }
        else
        {
            foreach (var check in checks)
            {
                await context.Output.WriteLineAsync($"{(check.Passed ? "ok  " : "MISS")}  {check.Name,-10}  {check.Seen}");
            }
        }

        return checks.All(check => check.Passed) ? ExitCodes.Done : ExitCodes.Failed;
    }
}

/// <summary>What one way out returned.</summary>
/// <param name="Name">The way.</param>
/// <param name="Passed">Whether it was exactly what was sent.</param>
/// <param name="Seen">What it was.</param>
internal sealed record PipelineCheck(string Name, bool Passed, string Seen);

/// <summary>Sends marked events to a host and asks every way out for them.</summary>
internal sealed class PipelineTest(HttpClient http)
{
    private const int PerBatch = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TimeProvider time = TimeProvider.System;
    private readonly string mark = "test-" + Guid.NewGuid().ToString("N")[..12];

    /// <summary>Runs every check.</summary>
    public async Task<IReadOnlyList<PipelineCheck>> RunAsync(TimeSpan duration, CancellationToken cancellation)
    {
        var checks = new List<PipelineCheck>();
        using var streaming = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var received = new List<string>();
        var opened = new TaskCompletionSource();
        var reading = ReadEventsAsync(received, opened, streaming.Token);
        _ = await Task.WhenAny(opened.Task, reading);
        var (sent, errors) = await SendAsync(duration, cancellation);
        checks.Add(new("ingest", errors.Length == 0, errors.Length == 0 ? $"{sent} events accepted" : errors));
        checks.Add(await CheckAsync("health", async () =>
        {
            using var health = await GetAsync("/health", cancellation);
            var status = health.RootElement.GetProperty("status").GetString()!;
            var difference = health.RootElement.GetProperty("conservation").GetProperty("difference").GetInt64();
            return (status is "ok" && difference == 0, $"status {status}, conservation difference {difference}");
        }, cancellation));
        checks.Add(await CheckAsync("metrics", async () =>
        {
            using var metrics = await GetAsync($"/api/metrics?source={mark}&window=1h", cancellation);
            var total = metrics.RootElement.GetProperty("totalRequests").GetInt64();
            var failed = metrics.RootElement.GetProperty("totalErrors").GetInt64();
            return (total == sent && failed == sent / 10, $"{total} requests, {failed} errors");
        }, cancellation));
        checks.Add(await CheckAsync("logs", async () =>
        {
            var seen = await ReadLogsAsync(cancellation);
            return (IsExactly(seen, sent), Describe(seen, sent));
        }, cancellation));
        checks.Add(await CheckAsync("events", () =>
        {
            lock (received)
            {
                return Task.FromResult((IsExactly(received, sent), Describe(received, sent)));
            }
        }, cancellation));
        await streaming.CancelAsync();
        await reading;
        checks.Add(await CheckAsync("query", async () =>
        {
            var sql = $"SELECT count(*) AS n, count(DISTINCT endpoint) AS distinct_n FROM delta_lake.logs WHERE source = '{mark}'";
            using var content = new StringContent(JsonSerializer.Serialize(new Dictionary<string, string> { ["query"] = sql }), Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(new Uri("/api/query", UriKind.Relative), content, cancellation);
            using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellation));
            if (!answer.IsSuccessStatusCode)
            {
                return (false, document.RootElement.GetProperty("detail").GetString()!);
            }

            var row = document.RootElement.GetProperty("results")[0];
            return (row.GetProperty("n").GetInt64() == sent && row.GetProperty("distinct_n").GetInt64() == sent, $"{row.GetProperty("n").GetInt64()} rows, {row.GetProperty("distinct_n").GetInt64()} distinct");
        }, cancellation));
        return checks;
    }

    private static bool IsExactly(List<string> seen, long sent) =>
        seen.Count == sent && seen.Distinct().Count() == sent && seen.Contains("/test/0") && seen.Contains(string.Create(CultureInfo.InvariantCulture, $"/test/{sent - 1}"));

    private static string Describe(List<string> seen, long sent) => $"{seen.Count} of {sent} events, {seen.Distinct().Count()} distinct";

    private async Task<(long Sent, string Errors)> SendAsync(TimeSpan duration, CancellationToken cancellation)
    {
        var begin = time.GetTimestamp();
        long sent = 0;
        do
        {
            var lines = new StringBuilder();
            for (var index = 0; index < PerBatch; index++, sent++)
            {
                // One in ten is an error, so that metrics have something to count.
                var status = sent % 10 == 9 ? 500 : 200;
                lines.Append(CultureInfo.InvariantCulture, $"{{\"source\":\"{mark}\",\"endpoint\":\"/test/{sent}\",\"method\":\"GET\",\"status\":{status},\"response_time\":12.5,\"message\":\"pipeline test\"}}\n");
            }

            using var content = new StringContent(lines.ToString(), new MediaTypeHeaderValue("application/x-ndjson"));
            content.Headers.Add("Idempotency-Key", string.Create(CultureInfo.InvariantCulture, $"{mark}-{sent}"));
            using var response = await http.PostAsync(new Uri("/api/ingest/web-logs", UriKind.Relative), content, cancellation);
            if (!response.IsSuccessStatusCode)
            {
                return (sent, OwnerClient.Explain(response, await response.Content.ReadAsStringAsync(cancellation)));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellation);
        }
        while (time.GetElapsedTime(begin) < duration);
        return (sent, "");
    }

    private async Task<JsonDocument> GetAsync(string path, CancellationToken cancellation)
    {
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative), cancellation);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellation));
    }

    private async Task<List<string>> ReadLogsAsync(CancellationToken cancellation)
    {
        var seen = new List<string>();
        string? next = null;
        do
        {
            using var page = await GetAsync($"/api/logs?source={mark}&limit=1000" + (next is null ? "" : "&before=" + next), cancellation);
            seen.AddRange(page.RootElement.GetProperty("logs").EnumerateArray().Select(row => row.GetProperty("endpoint").GetString()!));
            next = page.RootElement.GetProperty("next").GetString();
        }
        while (next is not null);
        return seen;
    }

    private async Task ReadEventsAsync(List<string> received, TaskCompletionSource opened, CancellationToken cancellation)
    {
        try
        {
            using var response = await http.GetAsync(new Uri($"/events?source={mark}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellation);
            response.EnsureSuccessStatusCode();
            opened.SetResult();
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
            var isLog = false;
            while (await reader.ReadLineAsync(cancellation) is { } line)
            {
                if (line.StartsWith("event: ", StringComparison.Ordinal))
                {
                    isLog = line == "event: log";
                }
                else if (isLog && line.StartsWith("data: ", StringComparison.Ordinal))
                {
                    using var data = JsonDocument.Parse(line[6..]);
                    lock (received)
                    {
                        received.Add(data.RootElement.GetProperty("endpoint").GetString()!);
                    }
                }
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or HttpRequestException)
        {
            // The check says what was received until then.
        }
    }

    /// <summary>Asks until the answer is right; the stages behind the event log are not at once there.</summary>
    private async Task<PipelineCheck> CheckAsync(string name, Func<Task<(bool Passed, string Seen)>> look, CancellationToken cancellation)
    {
        var begin = time.GetTimestamp();
        while (true)
        {
            var (passed, seen) = await look();
            if (passed || time.GetElapsedTime(begin) > Patience)
            {
                return new PipelineCheck(name, passed, $"{seen} after {time.GetElapsedTime(begin).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellation);
        }
    }
}
