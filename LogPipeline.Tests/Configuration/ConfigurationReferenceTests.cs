using LogPipeline.Tests.House;
using LogPipeline.Web.Hosting;
using Xunit;

namespace LogPipeline.Tests.Configuration;

public sealed class ConfigurationReferenceTests
{
    [Fact]
    public void Configuration_reference_is_current() => GeneratedDocument.AssertCurrent("docs/configuration.md", ConfigurationReference.Markdown());

    [Fact]
    public void The_example_of_dot_env_is_current() => GeneratedDocument.AssertCurrent(".env.example", ConfigurationReference.DotEnv());
}
