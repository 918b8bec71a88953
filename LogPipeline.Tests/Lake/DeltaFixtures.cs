using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace LogPipeline.Tests.Lake;

/// <summary>Delta tables that others wrote: <c>delta-golden</c>, <c>delta-spark</c> and <c>delta-rs</c> of the test data.</summary>
internal static class DeltaFixtures
{
    /// <summary>One table of the test data.</summary>
    /// <param name="Set">Folder of the test data.</param>
    /// <param name="Table">Its name.</param>
    /// <param name="Expect">rows, open, refuse or rows-or-refuse.</param>
    /// <param name="Feature">Feature that may be refused.</param>
    public sealed record Fixture(string Set, string Table, string Expect, string? Feature);

    public static string? Root => Environment.GetEnvironmentVariable("LOGPIPELINE_TESTDATA");

    public static IEnumerable<Fixture> Manifest(string set)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(Root!, set, "manifest.json")));
        return [.. manifest.RootElement.EnumerateArray().Select(one => new Fixture(
            set,
            one.GetProperty("table").GetString()!,
            one.GetProperty("expect").GetString()!,
            one.TryGetProperty("feature", out var feature) ? feature.GetString() : null))];
    }

    /// <summary>Unpacks a table into a folder and returns the folder that holds <c>delta</c> and <c>expected</c>.</summary>
    public static string Unpack(Fixture fixture, string into)
    {
        using var tar = Process.Start("tar", ["--zstd", "-xf", Path.Combine(Root!, fixture.Set, fixture.Table + ".tar.zst"), "-C", into]);
        tar.WaitForExit();
        Assert.Equal(0, tar.ExitCode);
        var folder = Path.Combine(into, fixture.Table);
        foreach (var log in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories) : [])
        {
            var text = File.ReadAllText(log);
            if (text.Contains("@TABLES@", StringComparison.Ordinal))
            {
                File.WriteAllText(log, text.Replace("@TABLES@", into, StringComparison.Ordinal));
            }
        }

        return folder;
    }
}
