using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using LogPipeline.Tests.House;
using LogPipeline.Tests.Spark.Streaming;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>The real host in a process of its own: it can be killed and started again on the same folder and port.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    // A host is ready when its writer is, and a Spark of its own starts slowly on a machine that others load.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>A shell starts what runs in its background with SIGINT ignored, and children inherit that; the host must have it as from a terminal.</summary>
    private static readonly string[] AsFromATerminal = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT"] : [];

    private readonly IReadOnlyList<string> wrapper;
    private readonly IReadOnlyList<string> arguments;
    private readonly ConcurrentQueue<string> lines = new();
    private Process? process;

    private HostProcess(IReadOnlyList<string> wrapper, IReadOnlyList<string> arguments, int port)
    {
        this.wrapper = wrapper;
        this.arguments = arguments;
        Address = new Uri($"http://127.0.0.1:{port}");
        Client = new HttpClient { BaseAddress = Address, Timeout = Patience };
    }

    /// <summary>The host's assembly, built in the same configuration as the tests.</summary>
    public static string Assembly { get; } = Repository.PathOf(
        "LogPipeline.Web", "bin", Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar))!), "net10.0", "LogPipeline.Web.dll");

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Talks to it.</summary>
    public HttpClient Client { get; }

    /// <summary>Its process id.</summary>
    public int Id => process!.Id;

    /// <summary>How it ended; null while it runs.</summary>
    public int? ExitCode => process!.HasExited ? process.ExitCode : null;

    /// <summary>What it has written so far.</summary>
    public string Log => string.Join('\n', lines);

    /// <summary>Starts a verb that serves on a folder, and waits until it is ready.</summary>
    public static Task<HostProcess> StartAsync(string verb, string folder, params string[] more) => StartAsync([], verb, folder, more);

    /// <summary>The same under another program, such as strace.</summary>
    public static async Task<HostProcess> StartAsync(IReadOnlyList<string> wrapper, string verb, string folder, params string[] more)
    {
        var port = FreePort();
        var host = new HostProcess(wrapper, [verb, "--data", folder, "--port", port.ToString(CultureInfo.InvariantCulture), .. more], port);
        try
        {
            await host.StartAgainAsync();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts <c>pipeline stream</c> on a folder, and waits until it is ready.</summary>
    public static async Task<HostProcess> StartStreamAsync(string folder, params string[] more)
    {
        var port = FreePort();
        var host = new HostProcess([], ["pipeline", "stream", "--data", folder, "--set", FormattableString.Invariant($"Http:Port={port}"), .. more], port);
        await host.StartAgainAsync();
        return host;
    }

    /// <summary>Starts it again after it ended.</summary>
    public async Task StartAgainAsync()
    {
        Launch();
        await UntilReadyAsync();
    }

    /// <summary>Starts it without waiting.</summary>
    public void Launch()
    {
        List<string> command = [.. AsFromATerminal, .. wrapper, "dotnet", Assembly, .. arguments];
        process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Waits until it answers that it is ready.</summary>
    public async Task UntilReadyAsync()
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var answer = await Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
            }

            Assert.False(process!.HasExited, $"The host ended before it was ready:\n{Log}");
            Assert.True(watch.Elapsed < Patience, $"The host was not ready in time:\n{Log}");
            await Task.Delay(20);
        }
    }

    /// <summary>Waits until it has written a text.</summary>
    public async Task UntilWrittenAsync(string text)
    {
        var watch = Stopwatch.StartNew();
        while (!Log.Contains(text, StringComparison.Ordinal))
        {
            Assert.False(process!.HasExited, $"The host ended before it wrote '{text}':\n{Log}");
            Assert.True(watch.Elapsed < Patience, $"The host did not write '{text}' in time:\n{Log}");
            await Task.Delay(20);
        }
    }

    /// <summary>Kills it with SIGKILL.</summary>
    public async Task KillAsync()
    {
        process!.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
    }

    /// <summary>Sends SIGINT, as Ctrl-C does, or another signal, and waits for the end.</summary>
    /// <returns>The exit code, after everything that it wrote is in <see cref="Log"/>.</returns>
    public async Task<int> InterruptAsync(string signal = "INT")
    {
        using var kill = Process.Start("kill", ["-" + signal, Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        return await EndAsync();
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code, after everything that it wrote is in <see cref="Log"/>.</returns>
    public async Task<int> EndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process!.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The host still runs after {Patience}:\n{Log}");
        }

        return process!.ExitCode;
    }

    /// <summary>Sends events, one line each.</summary>
    /// <param name="lines">The events.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="key">By which a repeat of the request is recognised, or null.</param>
    public async Task<HttpResponseMessage> PostAsync(string lines, CancellationToken cancellationToken, string? key = null)
    {
        using var content = new StringContent(lines, Encoding.UTF8, "application/x-ndjson");
        if (key is not null)
        {
            content.Headers.Add("Idempotency-Key", key);
        }

        return await Client.PostAsync(new Uri("/api/ingest/web-logs", UriKind.Relative), content, cancellationToken);
    }

    /// <summary>Column <c>n</c> of the first row of an answer; -1 while there is none.</summary>
    public async Task<long> NumberAsync(string sql) => (await TryNumberAsync(sql, TestContext.Current.CancellationToken)).Number ?? -1;

    /// <summary>Column <c>n</c> of the first row of an answer, null while there is none, and all that was said.</summary>
    public async Task<(long? Number, string Said)> TryNumberAsync(string sql, CancellationToken cancellationToken)
    {
        var (status, text) = await QueryTextAsync(new { query = sql }, cancellationToken);
        if (status != HttpStatusCode.OK)
        {
            return (null, $"{(int)status} {text}");
        }

        using var answer = JsonDocument.Parse(text);
        return (answer.RootElement.GetProperty("results")[0].GetProperty("n") is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : null, text);
    }

    /// <summary>Sends a statement to <c>/api/query</c>.</summary>
    public async Task<(HttpStatusCode Status, JsonDocument Answer)> AskAsync(object body, CancellationToken cancellationToken)
    {
        var (status, text) = await QueryTextAsync(body, cancellationToken);
        return (status, JsonDocument.Parse(text));
    }

    /// <summary>Makes sure that what an <see cref="OutsideProducer"/> sent is stored once: each event that fits as a row, each other one as a dead letter.</summary>
    public async Task AssertStoredOnceAsync(int sent)
    {
        var bad = OutsideProducer.Bad(sent);
        await EqualAsync(sent - bad, "SELECT count(*) AS n FROM delta_lake.logs");
        await EqualAsync(sent - bad, "SELECT count(DISTINCT trace_id) AS n FROM delta_lake.logs");
        await EqualAsync(bad, "SELECT count(*) AS n FROM delta_lake.dead_letters");
        await EqualAsync(sent, "SELECT count(*) AS n FROM (SELECT event_partition, event_offset FROM delta_lake.logs UNION SELECT event_partition, event_offset FROM delta_lake.dead_letters)");

        async Task EqualAsync(long expected, string sql)
        {
            var (number, said) = await TryNumberAsync(sql, TestContext.Current.CancellationToken);
            Assert.True(number == expected, $"{sql}: {expected} expected: {said}");
        }
    }

    /// <summary>Runs another verb of the same executable to its end.</summary>
    public static Task<(int ExitCode, string Output, string Messages)> RunAsync(params string[] arguments) => RunAsync([], arguments);

    /// <summary>The same under another program, such as env.</summary>
    public static async Task<(int ExitCode, string Output, string Messages)> RunAsync(IReadOnlyList<string> wrapper, string[] arguments)
    {
        List<string> command = [.. wrapper, "dotnet", Assembly, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var messages = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await messages);
    }

    /// <summary>Rows of a query on a folder, from the command line; the first row is the header.</summary>
    public static async Task<IReadOnlyList<string>> QueryAsync(string folder, string sql, int maxRows = 10_000)
    {
        var (exitCode, output, messages) = await RunAsync("query", sql, "--format", "csv", "--data", folder, "--max-rows", $"{maxRows}");
        Assert.True(exitCode == 0, $"{sql}: exit {exitCode}: {messages}");
        return output.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (process is { HasExited: false })
        {
            await KillAsync();
        }

        process?.Dispose();
    }

    private async Task<(HttpStatusCode Status, string Text)> QueryTextAsync(object body, CancellationToken cancellationToken)
    {
        using var response = await Client.PostAsJsonAsync(new Uri("/api/query", UriKind.Relative), body, cancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lines.Enqueue(line);
        while (lines.Count > 400)
        {
            lines.TryDequeue(out _);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
