using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>The equation of Health is about the stream since it began, not about one process.</summary>
public sealed class DuplicateTests
{
    [Fact]
    public async Task Duplicates_are_counted_since_the_stream_began_whatever_ends_the_process()
    {
        using var folder = new TestFolder();
        await using var host = await HostProcess.StartAsync("serve", folder.Path);
        for (var time = 0; time < 3; time++)
        {
            await SendAsync(host, "first", "{\"message\":\"a\"}\n{\"message\":\"b\"}\n");
        }

        await host.KillAsync();
        await host.StartAgainAsync();
        await UntilDuplicatesAsync(host, received: 6, 4);
        await SendAsync(host, "first", "{\"message\":\"a\"}\n{\"message\":\"b\"}\n");
        await UntilDuplicatesAsync(host, received: 8, 6);
        Assert.Equal(0, await host.InterruptAsync());
        await host.StartAgainAsync();
        await UntilDuplicatesAsync(host, received: 8, 6);
    }

    private static async Task SendAsync(HostProcess host, string key, string lines)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/ingest/web-logs", UriKind.Relative)) { Content = new StringContent(lines, Encoding.UTF8, "application/x-ndjson") };
        request.Headers.Add("Idempotency-Key", key);
        using var answer = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>The report is made once a second: waits for the one that has the figures.</summary>
    private static async Task UntilDuplicatesAsync(HostProcess host, long received, long duplicates)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/health", UriKind.Relative));
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            using var answer = await host.Client.SendAsync(request, patience.Token);
            var equation = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(patience.Token)).RootElement.GetProperty("conservation");
            if ((equation.GetProperty("received").GetInt64(), equation.GetProperty("duplicate").GetInt64(), equation.GetProperty("difference").GetInt64()) == (received, duplicates, 0))
            {
                return;
            }

            await Task.Delay(50, patience.Token);
        }
    }
}
