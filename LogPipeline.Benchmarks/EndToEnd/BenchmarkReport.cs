using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>BENCHMARKS.md: one section a figure, each with machine and date.</summary>
internal static class BenchmarkReport
{
    /// <summary>Puts a section in its place and leaves the others as they are.</summary>
    public static void Write(string title, string section, IReadOnlyList<string> order)
    {
        var path = Path.Combine(Workspace.RepositoryRoot, "BENCHMARKS.md");
        var sections = Read(path);
        sections[title] = $"{Stamp()}\n\n{section.Trim()}\n";
        var text = new StringBuilder("# Benchmarks\n\nWritten by `./bench.sh`. Product and peer run in turn in one script; medians of the pairs, and equal\noutputs are asserted before a ratio is printed. An absolute time of one machine proves nothing: read the ratios.\n");
        foreach (var name in order.Where(sections.ContainsKey))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {name}\n\n{sections[name]}");
        }

        File.WriteAllText(path, text.ToString());
    }

    private static Dictionary<string, string> Read(string path)
    {
        var sections = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!File.Exists(path))
        {
            return sections;
        }

        foreach (var part in File.ReadAllText(path).Split("\n## ").Skip(1))
        {
            var end = part.IndexOf('\n', StringComparison.Ordinal);
            sections[part[..end].Trim()] = part[(end + 1)..].Trim() + "\n";
        }

        return sections;
    }

    private static string Stamp()
    {
        var model = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
            : null;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd} · {model ?? "unknown processor"}, {Environment.ProcessorCount} cores · {RuntimeInformation.OSDescription} · {RuntimeInformation.FrameworkDescription}");
    }
}
