using System.Diagnostics;
using System.Globalization;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.Streams;
using LogPipeline.Web.Hosting;

namespace LogPipeline.Web.CommandLine.Pipeline;

/// <summary>A host that goes on when the command that started it has ended; what it writes is in a file.</summary>
internal sealed class BackgroundHost : IDisposable
{
    private const int LastLines = 15;

    // The shell becomes the host: the process that is started is the one that owns the folder. It outlives its terminal.
    private const string Detach = """trap '' HUP; log=$1; shift; exec "$@" </dev/null >>"$log" 2>&1""";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly Process process;
    private readonly string folder;

    private BackgroundHost(Process process, string folder)
    {
        this.process = process;
        this.folder = folder;
    }

    /// <summary>Where a background host of a data folder writes.</summary>
    public static string LogOf(string folder) => Path.Combine(folder, "state", "host.log");

    /// <summary>Starts one; it is ready some seconds later.</summary>
    /// <param name="folder">Its data folder.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="workingFolder">Folder that relative paths of its configuration count from.</param>
    /// <exception cref="CommandException">This system cannot.</exception>
    public static BackgroundHost Start(string folder, IEnumerable<string> arguments, string workingFolder)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new CommandException("pipeline start needs a system with signals; run 'logpipeline serve' as a service instead");
        }

        var log = LogOf(folder);
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        if (File.Exists(log))
        {
            Posix.RenameOver(log, log + ".1");
        }

        // It may hold a login link.
        using (new FileStream(log, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
        }

        var start = new ProcessStartInfo("/bin/sh", ["-c", Detach, "logpipeline", log, .. Program(), .. arguments]) { WorkingDirectory = workingFolder };
        return new BackgroundHost(Process.Start(start)!, folder);
    }

    /// <summary>Waits until it takes events in and writes its tables.</summary>
    /// <exception cref="BackgroundHostException">It ended, or it refuses a table.</exception>
    public async Task<RunningPipeline> UntilReadyAsync(StreamRegistry streams, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var problems = "";
        while (true)
        {
            if (process.HasExited)
            {
                throw new BackgroundHostException($"The host ended with exit code {process.ExitCode}; {LogOf(folder)} ends with:{Environment.NewLine}{Tail()}")
                {
                    ExitCode = process.ExitCode is ExitCodes.Usage or ExitCodes.FolderOwned ? process.ExitCode : ExitCodes.Failed,
                };
            }

            if (await TryReadAsync(streams, cancellationToken) is { } running)
            {
                if (running.IsReady)
                {
                    return running;
                }

                using (running)
                {
                    problems = Environment.NewLine + running.Problems;
                    if (running.Refusal is { } refusal)
                    {
                        throw new BackgroundHostException($"{refusal}{Environment.NewLine}The host runs, process {process.Id}: 'logpipeline pipeline stop' ends it.");
                    }
                }
            }

            if (time.GetElapsedTime(started) > patience)
            {
                throw new BackgroundHostException(string.Create(CultureInfo.InvariantCulture,
                    $"The host is not ready after {patience.TotalSeconds:0} s; it goes on, process {process.Id}: 'logpipeline pipeline status' says how it is, {LogOf(folder)} what it does.{problems}"));
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    /// <summary>Asks it to end and waits for it.</summary>
    public async Task StopAsync()
    {
        if (!process.HasExited)
        {
            ProcessSignal.Terminate(process.Id);
            await process.WaitForExitAsync();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => process.Dispose();

    /// <summary>This program: its own executable, or its assembly when <c>dotnet</c> runs it.</summary>
    private static string[] Program()
    {
        var assembly = typeof(BackgroundHost).Assembly.Location;
        return Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == Path.GetFileNameWithoutExtension(assembly) ? [path]
            : ["dotnet", assembly];
    }

    private async Task<RunningPipeline?> TryReadAsync(StreamRegistry streams, CancellationToken cancellationToken)
    {
        if (DataFolder.ReadOwner(folder) is not { Url: not null } said || said.ProcessId != process.Id || OwnerClient.Find(folder) is not { } owner)
        {
            return null;
        }

        using (owner)
        {
            try
            {
                return await RunningPipeline.ReadAsync(owner, streams, cancellationToken);
            }
            catch (HttpRequestException)
            {
                // It is ending; the next look finds out.
                return null;
            }
        }
    }

    private string Tail() => string.Join(Environment.NewLine, File.ReadLines(LogOf(folder)).TakeLast(LastLines));
}

/// <summary>A background host did not become what it should be; the message says why.</summary>
internal sealed class BackgroundHostException : Exception
{
    public BackgroundHostException()
    {
    }

    public BackgroundHostException(string message)
        : base(message)
    {
    }

    public BackgroundHostException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>What the verb says to the shell.</summary>
    public int ExitCode { get; init; } = ExitCodes.Failed;
}
