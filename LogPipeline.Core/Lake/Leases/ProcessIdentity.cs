using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Serialization;

namespace LogPipeline.Core.Lake.Leases;

/// <summary>Tells one process from every other one, and whether it still runs.</summary>
/// <param name="Host">Name of its machine, for people.</param>
/// <param name="Place">What has process numbers of its own: on Linux the boot of the kernel and the namespace, so that two containers with one name are two places.</param>
/// <param name="Id">Number of the process in that place.</param>
/// <param name="Started">When it started, in the place's own terms: a number may be given again.</param>
internal sealed record ProcessIdentity(string Host, string Place, int Id, string Started)
{
    /// <summary>This process.</summary>
    public static ProcessIdentity Current { get; } = new(Environment.MachineName, ReadPlace(), Environment.ProcessId, ReadStart(Environment.ProcessId) ?? "");

    /// <summary>Whether the process has certainly ended: it was in this place and is no more.</summary>
    [JsonIgnore]
    public bool IsGone => Place == Current.Place && ReadStart(Id) != Started;

    private static string ReadPlace()
    {
        if (!OperatingSystem.IsLinux())
        {
            return Environment.MachineName;
        }

        try
        {
            return $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()} {new FileInfo("/proc/self/ns/pid").LinkTarget}";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Somewhere of its own: nobody there can be told to be gone.
            return Guid.NewGuid().ToString("D");
        }
    }

    // Linux: field 22 of /proc/<pid>/stat, ticks since the boot; a process that waits for its parent to notice its end (Z) has ended.
    // Sample: "4711 (dotnet) S 1 4711 …".
    private static string? ReadStart(int process)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                using var found = Process.GetProcessById(process);
                return found.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);
            }

            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : fields[19];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
