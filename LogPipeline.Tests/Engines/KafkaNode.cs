using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace LogPipeline.Tests.Engines;

/// <summary>One real Kafka node in a process of its own: it can be stopped, killed, paused and started again on the same folder and ports.</summary>
/// <remarks>A shell stands between: when the tests end, however they end, its standard input closes and it kills the node.</remarks>
internal sealed class KafkaNode : IAsyncDisposable
{
    private const string Script = """java "$@" >>"$KAFKA_NODE_LOG" 2>&1 </dev/null & echo $!; cat >/dev/null; kill -9 $! 2>/dev/null; wait""";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(240);
    private readonly string home;
    private readonly string folder;
    private Process? shell;

    public KafkaNode(string home, string folder, int id, int port, int controllerPort)
    {
        this.home = home;
        this.folder = folder;
        Id = id;
        Port = port;
        ControllerPort = controllerPort;
    }

    /// <summary>Its number in the cluster.</summary>
    public int Id { get; }

    /// <summary>Port that clients use.</summary>
    public int Port { get; }

    /// <summary>Port that the nodes use among themselves.</summary>
    public int ControllerPort { get; }

    /// <summary>Address for clients.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Its process id; 0 while it does not run.</summary>
    public int ProcessId { get; private set; }

    private string LogFile => Path.Combine(folder, "node.log");

    /// <summary>Whether it runs, and the end of what it wrote.</summary>
    public string Condition => $"Kafka node {Id} {(ProcessId != 0 && Directory.Exists($"/proc/{ProcessId}") ? "runs" : "does not run")}; it wrote last: {Tail()}";

    /// <summary>A port that is free now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Writes its configuration and formats its folder.</summary>
    public async Task FormatAsync(string clusterId, string voters, int nodes, IReadOnlyDictionary<string, string> settings)
    {
        Directory.CreateDirectory(folder);
        var copies = Math.Min(nodes, 3);
        var lines = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["process.roles"] = "broker,controller",
            ["node.id"] = Id.ToString(CultureInfo.InvariantCulture),
            ["controller.quorum.voters"] = voters,
            ["listeners"] = $"PLAINTEXT://{Address},CONTROLLER://127.0.0.1:{ControllerPort.ToString(CultureInfo.InvariantCulture)}",
            ["advertised.listeners"] = $"PLAINTEXT://{Address}",
            ["controller.listener.names"] = "CONTROLLER",
            ["inter.broker.listener.name"] = "PLAINTEXT",
            ["listener.security.protocol.map"] = "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            ["log.dirs"] = Path.Combine(folder, "data"),
            ["default.replication.factor"] = copies.ToString(CultureInfo.InvariantCulture),
            ["min.insync.replicas"] = Math.Max(1, copies - 1).ToString(CultureInfo.InvariantCulture),
            ["offsets.topic.replication.factor"] = copies.ToString(CultureInfo.InvariantCulture),
            ["offsets.topic.num.partitions"] = "1",
            ["transaction.state.log.replication.factor"] = copies.ToString(CultureInfo.InvariantCulture),
            ["transaction.state.log.min.isr"] = Math.Max(1, copies - 1).ToString(CultureInfo.InvariantCulture),
            ["transaction.state.log.num.partitions"] = "3",
            ["share.coordinator.state.topic.replication.factor"] = "1",
            ["share.coordinator.state.topic.min.isr"] = "1",
            ["group.initial.rebalance.delay.ms"] = "0",
            ["auto.create.topics.enable"] = "false",
        };
        foreach (var (name, value) in settings)
        {
            lines[name] = value;
        }

        var file = Path.Combine(folder, "broker.properties");
        await File.WriteAllLinesAsync(file, lines.Select(line => $"{line.Key}={line.Value}"));
        using var format = Process.Start(new ProcessStartInfo("java", ["-XX:TieredStopAtLevel=1", "-cp", ClassPath, "kafka.tools.StorageTool", "format", "-t", clusterId, "-c", file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = await format.StandardOutput.ReadToEndAsync();
        var problems = await format.StandardError.ReadToEndAsync();
        await format.WaitForExitAsync();
        if (format.ExitCode != 0)
        {
            throw new InvalidOperationException($"Kafka's folder cannot be formatted: {output} {problems}");
        }
    }

    /// <summary>Starts it without waiting.</summary>
    public async Task LaunchAsync()
    {
        var start = new ProcessStartInfo("sh", ["-c", Script, "sh", "-Xmx400m", "-XX:+UseSerialGC", "-cp", ClassPath, "kafka.Kafka", Path.Combine(folder, "broker.properties")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["KAFKA_NODE_LOG"] = LogFile;
        shell = Process.Start(start)!;
        ProcessId = int.Parse(await shell.StandardOutput.ReadLineAsync() ?? "0", CultureInfo.InvariantCulture);
    }

    /// <summary>Starts it, and waits until it takes connections.</summary>
    public async Task StartAsync()
    {
        await LaunchAsync();
        await UntilListeningAsync();
    }

    /// <summary>Waits until it takes connections.</summary>
    public async Task UntilListeningAsync()
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException)
            {
                if (watch.Elapsed > Patience || !Directory.Exists($"/proc/{ProcessId}"))
                {
                    throw new InvalidOperationException($"Kafka did not start: {Tail()}");
                }

                await Task.Delay(50);
            }
        }
    }

    /// <summary>Kills it with SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (shell is null)
        {
            return;
        }

        shell.StandardInput.Close();
        await shell.WaitForExitAsync();
        shell.Dispose();
        shell = null;
        ProcessId = 0;
    }

    /// <summary>Stops it in the middle of everything (SIGSTOP): connections stay open and nobody answers.</summary>
    public Task PauseAsync() => SignalAsync("-STOP");

    /// <summary>Lets it go on (SIGCONT).</summary>
    public Task ResumeAsync() => SignalAsync("-CONT");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await KillAsync();

    private string ClassPath => Path.Combine(home, "libs", "*");

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [signal, ProcessId.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private string Tail() => File.Exists(LogFile) ? string.Join('\n', File.ReadLines(LogFile).TakeLast(20)) : "it wrote nothing";
}
