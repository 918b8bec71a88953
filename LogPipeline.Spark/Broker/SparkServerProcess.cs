using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace LogPipeline.Spark.Broker;

/// <summary>One Connect server, a child of this process.</summary>
/// <remarks>
/// The server runs below a small shell that ends it when the shell's standard input closes: when <see cref="StopAsync"/> closes it,
/// and when the kernel does because this process ended in whatever way. (A parent-death signal follows the thread that started the
/// child, and threads of a pool end early.) The shell, and with it the server, ignores the interrupt of a terminal, so that whoever
/// uses the server can drain first. Invariant: the write end of that input is open only in this process, as .NET opens it close-on-exec.
/// </remarks>
internal sealed class SparkServerProcess : IAsyncDisposable
{
    // The guard waits for the end of its input, asks the server to end, and after 10 s ends it. Its own sleep may outlive it by a second.
    private const string Guard = """
        trap '' INT HUP QUIT
        exec 3<&0 </dev/null 2>&1
        "$@" 3<&- &
        server=$!
        echo "$server"
        {
          read -r _ <&3
          kill "$server" 2>/dev/null
          n=0
          while [ "$n" -lt 10 ] && kill -0 "$server" 2>/dev/null; do sleep 1; n=$((n+1)); done
          kill -9 "$server" 2>/dev/null
        } >/dev/null &
        guard=$!
        exec 3<&-
        wait "$server"
        status=$?
        kill "$guard" 2>/dev/null
        exit "$status"
        """;

    private readonly Process process;
    private readonly TaskCompletionSource<int> processId = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SparkServerProcess(Process process, int port, string token, string? uiUrl, SparkServerLog log, Action<string>? onLine)
    {
        this.process = process;
        Port = port;
        Token = token;
        UiUrl = uiUrl;
        Log = log;
        Exited = RunAsync(onLine);
    }

    /// <summary>Port of the server.</summary>
    public int Port { get; }

    /// <summary>Its secret.</summary>
    public string Token { get; }

    /// <summary>Address of Spark's own pages; null without.</summary>
    public string? UiUrl { get; }

    /// <summary>What it wrote.</summary>
    public SparkServerLog Log { get; }

    /// <summary>Ends with the server's exit code, 128 + the signal's number when it was killed.</summary>
    public Task<int> Exited { get; }

    /// <summary>Starts a server; it answers some seconds later.</summary>
    /// <param name="options">Its configuration.</param>
    /// <param name="master">Where it computes.</param>
    /// <param name="installation">What it runs with.</param>
    /// <param name="folder">Its files; the caller holds the folder's lock.</param>
    /// <param name="appName">Name of the application on Spark's own pages.</param>
    /// <param name="preferred">Port and token of the server before, so that its clients find this one.</param>
    /// <param name="onLine">Sees every line that the server writes.</param>
    /// <exception cref="SparkServerException">It cannot be started.</exception>
    public static SparkServerProcess Start(
        SparkOptions options,
        SparkMaster master,
        SparkInstallation installation,
        SparkServerFolder folder,
        string appName,
        (int Port, string Token)? preferred = null,
        Action<string>? onLine = null)
    {
        var address = IPAddress.Parse(options.LocalIp);
        var port = options.ConnectPort != 0 ? options.ConnectPort
            : preferred is { Port: var before } && CanBind(address, before) ? before
            : FreePort(address, 0, 0);
        int? uiPort = options.UiEnabled ? FreePort(address, options.UiPort, options.PortMaxRetries) : null;
        var token = options.Token ?? preferred?.Token ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        try
        {
            folder.Prepare();
            SparkServerFolder.WritePrivate(folder.LogSettings, SparkServerCommand.LogSettings);
            SparkServerFolder.WritePrivate(folder.Scheduler, SparkServerCommand.Scheduler);
            SparkServerFolder.WritePrivate(folder.Arguments, SparkServerCommand.Arguments(options, installation, folder, SparkServerCommand.Settings(options, master, folder, appName, port, uiPort)));
            var process = new Process { StartInfo = StartInfo(options, installation, folder, token) };
            process.Start();
            var log = new SparkServerLog(folder.Log);
            return new SparkServerProcess(process, port, token, uiPort is { } ui ? string.Create(CultureInfo.InvariantCulture, $"http://{Bracketed(address)}:{ui}") : null, log, onLine);
        }
        catch (Exception failure) when (failure is System.ComponentModel.Win32Exception or IOException or UnauthorizedAccessException)
        {
            throw new SparkServerException($"The Spark Connect server cannot be started: {failure.Message}", failure);
        }
    }

    /// <summary>The server's own process, below the shell.</summary>
    /// <exception cref="SparkServerException">It ended before it ran.</exception>
    public async Task<int> ProcessIdAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAny(processId.Task, Exited).WaitAsync(cancellationToken).ConfigureAwait(false);
        return processId.Task.IsCompletedSuccessfully
            ? await processId.Task.ConfigureAwait(false)
            : throw new SparkServerException($"The Spark Connect server did not start.{Environment.NewLine}{string.Join(Environment.NewLine, Log.Last.TakeLast(20))}");
    }

    /// <summary>Asks the server to end, and ends it when it does not within 10 s; returns once it is gone.</summary>
    public async Task StopAsync()
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The shell is gone already.
        }

        if (OperatingSystem.IsWindows() && !process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        _ = await Exited.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        Log.Dispose();
        process.Dispose();
    }

    /// <summary>The first free port of several.</summary>
    private static int FreePort(IPAddress address, int first, int retries)
    {
        for (var port = first; ; port++)
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(address, port));
                return ((IPEndPoint)socket.LocalEndPoint!).Port;
            }
            catch (SocketException failure) when (failure.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied && port < first + retries && port < IPEndPoint.MaxPort)
            {
            }
            catch (SocketException failure)
            {
                throw new SparkServerException(failure.SocketErrorCode == SocketError.AddressAlreadyInUse
                    ? string.Create(CultureInfo.InvariantCulture, $"Ports {first} to {port} of {address} are in use: choose others with LogPipeline:Spark:UiPort and PortMaxRetries")
                    : $"LogPipeline:Spark:LocalIp {address} cannot be bound: {failure.Message}", failure);
            }
        }
    }

    /// <summary>Whether nobody listens on a port; connections of an ended server that still linger do not count.</summary>
    private static bool CanBind(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string Bracketed(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();

    private static ProcessStartInfo StartInfo(SparkOptions options, SparkInstallation installation, SparkServerFolder folder, string token)
    {
        string[] command = [installation.Java, "@" + folder.Arguments, SparkServerCommand.MainClass];
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo(command[0], command[1..])
            : new ProcessStartInfo("/bin/sh", ["-c", Guard, "logpipeline-spark", .. command]);
        start.WorkingDirectory = folder.Home;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.Environment["SPARK_CONNECT_AUTHENTICATE_TOKEN"] = token;
        start.Environment["SPARK_LOCAL_IP"] = options.LocalIp;

        // Both would make the server a client of another one.
        start.Environment.Remove("SPARK_REMOTE");
        start.Environment.Remove("SPARK_CONNECT_MODE");
        return start;
    }

    private async Task<int> RunAsync(Action<string>? onLine)
    {
        await Task.Yield();
        if (OperatingSystem.IsWindows())
        {
            processId.TrySetResult(process.Id);
        }

        while (await process.StandardOutput.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            if (!processId.Task.IsCompleted && int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                processId.TrySetResult(id);
                continue;
            }

            Log.Add(line);
            onLine?.Invoke(line);
        }

        await process.WaitForExitAsync().ConfigureAwait(false);
        return process.ExitCode;
    }
}
