using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace LogPipeline.Tests.House;

public sealed partial class HouseRulesTests
{
    private static readonly string[] SourceEndings = [".cs", ".razor", ".csproj", ".props", ".sh", ".json", ".yml", ".md", ".js", ".css"];

    [Fact]
    public void No_committed_file_names_a_path_of_a_machine_or_the_address_of_a_registry()
    {
        var found = TrackedFiles()
            .Where(file => SourceEndings.Contains(Path.GetExtension(file), StringComparer.Ordinal) && !file.EndsWith("HouseRulesTests.cs", StringComparison.Ordinal))
            .SelectMany(file => File.ReadLines(Repository.PathOf(file)).Select((line, index) => (file, line, index)))
            .Where(place => MachinePath().IsMatch(place.line))
            .Select(place => $"{place.file}:{place.index + 1}: {place.line.Trim()}");
        Assert.Empty(found);
    }

    [Fact]
    public void No_source_file_holds_more_than_one_idea()
    {
        var long_ones = TrackedFiles()
            .Where(file => file.EndsWith(".cs", StringComparison.Ordinal))
            .Select(file => (file, lines: File.ReadLines(Repository.PathOf(file)).Count()))
            .Where(one => one.lines > 500)
            .Select(one => $"{one.file}: {one.lines} lines");
        Assert.Empty(long_ones);
    }

    [Fact]
    public void The_version_is_one_everywhere()
    {
        var version = VersionElement().Match(File.ReadAllText(Repository.PathOf("Directory.Build.props"))).Groups[1].Value;
        Assert.NotEmpty(version);
        Assert.Contains($"## {version}", File.ReadAllText(Repository.PathOf("CHANGELOG.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_local_link_of_a_document_leads_somewhere()
    {
        var broken = from file in TrackedFiles()
                     where file.EndsWith(".md", StringComparison.Ordinal)
                     from Match match in MarkdownLink().Matches(File.ReadAllText(Repository.PathOf(file)))
                     let target = match.Groups[1].Value.Split('#')[0]
                     where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal)
                     let path = Path.Combine(Path.GetDirectoryName(Repository.PathOf(file))!, target)
                     where !File.Exists(path) && !Directory.Exists(path)
                     select $"{file}: {target}";
        Assert.Empty(broken);
    }

    [Theory]
    [InlineData("--profile", "kafka")]
    [InlineData("--profile", "cluster")]
    [InlineData("--profile", "kafka", "--profile", "cluster")]
    [InlineData]
    public async Task The_compose_file_is_valid(params string[] profiles)
    {
        var start = new ProcessStartInfo("docker-compose", ["-f", Repository.PathOf("docker-compose.yml"), .. profiles, "config", "-q"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("docker-compose is not installed (Debian: apt-get install docker-compose)");
        }

        using (process)
        {
            var problems = await process!.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, problems);
        }
    }

    [Fact]
    public void Every_port_of_the_compose_file_is_a_variable_on_the_loopback_interface_and_documented()
    {
        var services = File.ReadAllText(Repository.PathOf("docs", "services.md"));
        var ports = File.ReadLines(Repository.PathOf("docker-compose.yml"))
            .SkipWhile(line => line != "services:")
            .Where(line => PublishedPort().IsMatch(line))
            .Select(line => line.Trim())
            .ToList();
        Assert.NotEmpty(ports);
        Assert.All(ports, port =>
        {
            var variable = VariablePort().Match(port);
            Assert.True(variable.Success, port);
            Assert.Contains($"`{variable.Groups[1].Value}` {variable.Groups[2].Value}", services, StringComparison.Ordinal);
        });
    }

    private static List<string> TrackedFiles()
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", Repository.Root, "ls-files"]) { RedirectStandardOutput = true })!;
        var files = git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return [.. files.Where(file => File.Exists(Repository.PathOf(file)))];
    }

    [GeneratedRegex(@"/work/|/root/|api\.nuget\.org|registry\.npmjs|deb\.debian\.org")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"^ +- ""[^ ]*:\d+""$")]
    private static partial Regex PublishedPort();

    [GeneratedRegex(@"^- ""127\.0\.0\.1:\$\{(\w+_PORT):-(\d+)\}:\d+""$")]
    private static partial Regex VariablePort();

    [GeneratedRegex("<Version>([^<]+)</Version>")]
    private static partial Regex VersionElement();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex MarkdownLink();
}
