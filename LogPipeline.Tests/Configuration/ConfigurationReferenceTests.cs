using System.Runtime.CompilerServices;
using LogPipeline.Web.Hosting;
using Xunit;

namespace LogPipeline.Tests.Configuration;

public sealed class ConfigurationReferenceTests
{
    [Fact]
    public void Configuration_reference_is_current() => Check("docs/configuration.md", ConfigurationReference.Markdown());

    [Fact]
    public void The_example_of_dot_env_is_current() => Check(".env.example", ConfigurationReference.DotEnv());

    private static void Check(string file, string expected, [CallerFilePath] string source = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(source)!, "../..", file);
        if (Environment.GetEnvironmentVariable("LOGPIPELINE_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.True(File.Exists(path) && File.ReadAllText(path).ReplaceLineEndings("\n") == expected, $"{file} is not current; run the tests once with LOGPIPELINE_WRITE_DOCS=1");
    }
}
