using System.Diagnostics;
using System.Globalization;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>A whole process: wall time, processor time and the highest resident memory, as the kernel counts them.</summary>
/// <param name="Wall">From start to exit.</param>
/// <param name="Cpu">User and system time.</param>
/// <param name="PeakBytes">Highest resident memory.</param>
/// <param name="Output">What it wrote to stdout.</param>
internal sealed record MeasuredProcess(TimeSpan Wall, TimeSpan Cpu, long PeakBytes, string Output)
{
    private const long TicksPerSecond = 100;

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It did not exit with 0.</exception>
    public static async Task<MeasuredProcess> RunAsync(string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var stdout = process.StandardOutput.ReadToEndAsync();
        var stderr = process.StandardError.ReadToEndAsync();
        long peak = 0;
        var cpu = TimeSpan.Zero;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!process.HasExited && await timer.WaitForNextTickAsync())
        {
            peak = Math.Max(peak, PeakOf(process.Id));
            cpu = CpuOf(process.Id) ?? cpu;
        }

        await process.WaitForExitAsync();
        watch.Stop();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} exited with {process.ExitCode}: {await stderr}");
        }

        return new MeasuredProcess(watch.Elapsed, cpu, peak, await stdout);
    }

    /// <summary>Processor time of a running process so far; null when it is gone.</summary>
    public static TimeSpan? CpuOf(int pid)
    {
        try
        {
            var fields = File.ReadAllText($"/proc/{pid}/stat");
            var values = fields[(fields.LastIndexOf(')') + 2)..].Split(' ');
            var ticks = long.Parse(values[11], CultureInfo.InvariantCulture) + long.Parse(values[12], CultureInfo.InvariantCulture);
            return TimeSpan.FromSeconds((double)ticks / TicksPerSecond);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long PeakOf(int pid)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(one => one.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
