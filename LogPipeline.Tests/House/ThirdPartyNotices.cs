using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;

namespace LogPipeline.Tests.House;

/// <summary>Makes THIRD-PARTY-NOTICES.md of the lock files of what ships.</summary>
internal static class ThirdPartyNotices
{
    /// <summary>Licences that let everyone use, change and pass on the product.</summary>
    public static readonly IReadOnlySet<string> Permissive = new HashSet<string>(StringComparer.Ordinal)
    {
        "MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD", "Zlib", "OFL-1.1",
    };

    // Packages whose own metadata names no SPDX licence: what their licence file says.
    private static readonly Dictionary<string, string> LicenceFiles = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Apache.Avro"] = "Apache-2.0",
        ["DotNetEnv"] = "MIT",
        ["Sprache"] = "MIT",
        ["librdkafka.redist"] = "BSD-2-Clause",
    };

    // Reference lists of old frameworks: nothing of them is in the build's output.
    private static readonly HashSet<string> WithoutFiles = new(StringComparer.OrdinalIgnoreCase)
    {
        "Microsoft.NETCore.Platforms", "NETStandard.Library",
    };

    /// <summary>One package that ships.</summary>
    public sealed record Package(string Registry, string Name, string Version, string Licence);

    /// <summary>Every package in the lock files of the projects that ship.</summary>
    public static IReadOnlyList<Package> Read()
    {
        var packages = new HashSet<Package>();
        foreach (var project in new[] { "LogPipeline.Core", "LogPipeline.Spark", "LogPipeline.Web" })
        {
            ReadNuGet(Repository.PathOf(project, "packages.lock.json"), packages);
        }

        var npm = Repository.PathOf("LogPipeline.Web", "package-lock.json");
        if (File.Exists(npm))
        {
            ReadNpm(npm, packages);
        }

        return [.. packages.OrderBy(package => package.Registry, StringComparer.Ordinal).ThenBy(package => package.Name, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>The text of THIRD-PARTY-NOTICES.md.</summary>
    public static string Write(IReadOnlyList<Package> packages)
    {
        var text = new StringBuilder();
        text.Append("# Third-party notices\n\nLogPipeline is under the MIT licence. What it ships with, from the lock files:\n\n");
        text.Append("| from | package | version | licence |\n|---|---|---|---|\n");
        foreach (var package in packages)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {package.Registry} | {package.Name} | {package.Version} | {package.Licence} |\n");
        }

        text.Append("\nBlazorMonaco carries the monaco-editor (MIT, Microsoft) in its files.\n");
        text.Append("\nThe licence texts are in the packages themselves. `LOGPIPELINE_UPDATE=1 ./test.sh House` writes this file anew.\n");
        return text.ToString();
    }

    private static void ReadNuGet(string lockFile, HashSet<Package> packages)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(lockFile));
        foreach (var framework in document.RootElement.GetProperty("dependencies").EnumerateObject())
        {
            foreach (var dependency in framework.Value.EnumerateObject())
            {
                var isProject = dependency.Value.GetProperty("type").GetString() == "Project";
                var isAnalyser = dependency.Name.EndsWith("Analyzers", StringComparison.Ordinal);
                if (isProject || isAnalyser || WithoutFiles.Contains(dependency.Name))
                {
                    continue;
                }

                var version = dependency.Value.GetProperty("resolved").GetString()!;
                packages.Add(new Package("NuGet", dependency.Name, version, NuGetLicence(dependency.Name, version)));
            }
        }
    }

    private static string NuGetLicence(string name, string version)
    {
        if (LicenceFiles.TryGetValue(name, out var known))
        {
            return known;
        }

        var folder = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var id = name.ToLowerInvariant();
        var metadata = XDocument.Load(Path.Combine(folder, id, version.ToLowerInvariant(), id + ".nuspec")).Descendants()
            .FirstOrDefault(element => element.Name.LocalName == "license" && (string?)element.Attribute("type") == "expression");
        return metadata?.Value ?? "unknown";
    }

    private static void ReadNpm(string lockFile, HashSet<Package> packages)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(lockFile));
        foreach (var entry in document.RootElement.GetProperty("packages").EnumerateObject())
        {
            var isDevelopment = entry.Value.TryGetProperty("dev", out var development) && development.GetBoolean();
            if (entry.Name.Length == 0 || isDevelopment)
            {
                continue;
            }

            var name = entry.Name[(entry.Name.LastIndexOf("node_modules/", StringComparison.Ordinal) + "node_modules/".Length)..];
            var licence = entry.Value.TryGetProperty("license", out var value) ? value.GetString()! : "unknown";
            packages.Add(new Package("npm", name, entry.Value.GetProperty("version").GetString()!, licence));
        }
    }
}
