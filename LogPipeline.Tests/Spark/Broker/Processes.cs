using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace LogPipeline.Tests.Spark.Broker;

/// <summary>Looks at processes as the system knows them.</summary>
internal static class Processes
{
    /// <summary>Whether a process runs; one that ended but was not collected by its parent does not.</summary>
    public static bool IsRunning(int id)
    {
        try
        {
            return OperatingSystem.IsLinux()
                ? StateOf(id) is not 'Z'
                : !Process.GetProcessById(id).HasExited;
        }
        catch (Exception gone) when (gone is ArgumentException or IOException)
        {
            return false;
        }
    }

    /// <summary>Sends SIGKILL to one process, not to its children.</summary>
    public static void Kill(int id) => Signal(id, "KILL");

    /// <summary>Sends a signal.</summary>
    public static void Signal(int id, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Waits until a process is gone.</summary>
    public static async Task UntilGoneAsync(int id, TimeSpan patience, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (IsRunning(id))
        {
            if (watch.Elapsed > patience)
            {
                throw new TimeoutException($"Process {id} still runs after {patience}");
            }

            await Task.Delay(50, cancellationToken);
        }
    }

    /// <summary>Processes whose command line holds a text, such as the path of a test's folder.</summary>
    public static IReadOnlyList<int> With(string text)
    {
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) || !IsRunning(id))
            {
                continue;
            }

            try
            {
                var command = File.ReadAllText(Path.Combine(folder, "cmdline")).Split('\0');
                if (Path.GetFileName(command[0]) == "java" && command.Any(part => part.Contains(text, StringComparison.Ordinal)))
                {
                    found.Add(id);
                }
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
            }
        }

        return found;
    }

    /// <summary>Addresses on which a process listens.</summary>
    public static IReadOnlyList<IPEndPoint> Listening(int id)
    {
        var sockets = Directory.EnumerateFiles($"/proc/{id}/fd").Select(file => new FileInfo(file).LinkTarget ?? "")
            .Where(target => target.StartsWith("socket:[", StringComparison.Ordinal)).Select(target => target[8..^1]).ToHashSet();
        return [.. new[] { "tcp", "tcp6" }.SelectMany(family => File.ReadLines($"/proc/{id}/net/{family}").Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == "0A" && sockets.Contains(fields[9]))
            .Select(fields => EndPointOf(fields[1]))];
    }

    /// <summary>A field such as <c>0100007F:1F90</c>: words of the address in the machine's order.</summary>
    private static IPEndPoint EndPointOf(string field)
    {
        var parts = field.Split(':');
        var bytes = Convert.FromHexString(parts[0]);
        for (var word = 0; word < bytes.Length; word += 4)
        {
            Array.Reverse(bytes, word, 4);
        }

        return new IPEndPoint(new IPAddress(bytes), int.Parse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    /// <summary>The third field of <c>stat</c>; the second is a name in brackets that may hold blanks.</summary>
    private static char StateOf(int id)
    {
        var stat = File.ReadAllText($"/proc/{id}/stat");
        return stat[stat.LastIndexOf(')') + 2];
    }
}
