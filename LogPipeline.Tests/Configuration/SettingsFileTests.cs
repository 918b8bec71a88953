using LogPipeline.Core.Configuration;
using LogPipeline.Web.Hosting;
using Xunit;

namespace LogPipeline.Tests.Configuration;

public sealed class SettingsFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("logpipeline-settings-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("""{ "LogPipeline": { "Engine": "Embedded", "Broker": "Kafka" } }""", """{ "LogPipeline": { "Engine": "Spark", "Broker": "Kafka" } }""")]
    [InlineData("""{"logpipeline":{"engine":"embedded"}}""", """{"logpipeline":{"engine":"Spark"}}""")]
    [InlineData("""{ "LogPipeline:Engine" : "Embedded", "Other": [1, {"Engine": 2}] }""", """{ "LogPipeline:Engine" : "Spark", "Other": [1, {"Engine": 2}] }""")]
    [InlineData("""{ "LogPipeline": { "Broker": "Kafka" } }""", """{ "LogPipeline": { "Engine": "Spark", "Broker": "Kafka" } }""")]
    [InlineData("""{ "LogPipeline": { } }""", """{ "LogPipeline": { "Engine": "Spark"  } }""")]
    [InlineData("""{ "Engine": "V8" }""", """{ "LogPipeline": { "Engine": "Spark" }, "Engine": "V8" }""")]
    [InlineData("{}", """{ "LogPipeline": { "Engine": "Spark" } }""")]
    [InlineData("// mine\n{\n  /* why */ \"LogPipeline\": {\n    \"Engine\": \"Embedded\", // one word\n  },\n}\n", "// mine\n{\n  /* why */ \"LogPipeline\": {\n    \"Engine\": \"Spark\", // one word\n  },\n}\n")]
    [InlineData("\uFEFF{\"LogPipeline\":{\"Engine\":\"ü\"}}", "\uFEFF{\"LogPipeline\":{\"Engine\":\"Spark\"}}")]
    public void One_setting_changes_and_the_rest_stays_as_it_was_written(string before, string after)
    {
        var path = Path.Combine(folder, "appsettings.json");
        File.WriteAllText(path, before);
        SettingsFile.Set(path, "LogPipeline", "Engine", "Spark");
        Assert.Equal(System.Text.Encoding.UTF8.GetBytes(after), File.ReadAllBytes(path));
        SettingsFile.Set(path, "LogPipeline", "Engine", "Spark");
        Assert.Equal(System.Text.Encoding.UTF8.GetBytes(after), File.ReadAllBytes(path));
        Assert.Single(Directory.EnumerateFiles(folder));
    }

    [Fact]
    public void A_file_that_is_missing_is_made_and_read_from_the_working_folder()
    {
        SettingsFile.Set(Path.Combine(folder, "appsettings.json"), "LogPipeline", "Broker", "Kafka");
        var configuration = HostConfiguration.Load(new HostArguments { WorkingFolder = folder, Environment = new Dictionary<string, string>() });
        Assert.Equal(BrokerKind.Kafka, configuration.Host.Broker);
        Assert.Equal(Path.Combine(folder, "appsettings.json"), configuration.Sources.NameOf("LogPipeline:Broker"));
        Assert.Null(configuration.Sources.OverrideOf("LogPipeline:Broker"));
    }

    [Fact]
    public void Sections_of_other_programs_in_a_file_of_the_working_folder_are_left_alone()
    {
        File.WriteAllText(Path.Combine(folder, "appsettings.json"), """{ "Kestrel": { "Endpoints": { "Http": { "Url": "http://*:1" } } }, "Logging": { "LogLevel": { "Default": "Error" } } }""");
        var configuration = HostConfiguration.Load(new HostArguments { WorkingFolder = folder, Environment = new Dictionary<string, string>() });
        Assert.Null(configuration.Configuration["Kestrel:Endpoints:Http:Url"]);
        Assert.Equal("Error", configuration.Configuration["Logging:LogLevel:Default"]);
    }

    [Fact]
    public void A_link_stays_one_and_permissions_stay()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has neither");
            return;
        }

        var (real, link) = (Path.Combine(folder, "real.json"), Path.Combine(folder, "link.json"));
        File.WriteAllText(real, "{}");
        File.SetUnixFileMode(real, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.CreateSymbolicLink(link, real);
        SettingsFile.Set(link, "LogPipeline", "Engine", "Spark");
        Assert.Equal(real, File.ResolveLinkTarget(link, returnFinalTarget: false)?.FullName);
        Assert.Contains("Spark", File.ReadAllText(real), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(real));
    }

    [Fact]
    public void What_is_no_object_is_left_alone()
    {
        var path = Path.Combine(folder, "appsettings.json");
        File.WriteAllText(path, """{ "LogPipeline": 1 }""");
        Assert.Contains("by hand", Assert.Throws<ConfigurationException>(() => SettingsFile.Set(path, "LogPipeline", "Engine", "Spark")).Message, StringComparison.Ordinal);
        Assert.Equal("""{ "LogPipeline": 1 }""", File.ReadAllText(path));
    }
}
