using System.CommandLine;
using LogPipeline.Web.Hosting;

namespace LogPipeline.Web.CommandLine;

/// <summary>Options that every verb understands.</summary>
internal sealed class CommonOptions
{
    /// <summary><c>--data</c>.</summary>
    public Option<string?> Data { get; } = new("--data", "-d") { Description = "Data folder; relative to the working folder", HelpName = "FOLDER", Recursive = true };

    /// <summary><c>--config</c>.</summary>
    public Option<string?> Config { get; } = new("--config", "-c") { Description = "JSON file that is read on top of appsettings.json", HelpName = "FILE", Recursive = true };

    /// <summary><c>--json</c>.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Answer in JSON", Recursive = true };

    /// <summary><c>--set</c>.</summary>
    public Option<string[]> Set { get; } = new("--set") { Description = "Set any key of the configuration, such as Http:Port=4100", HelpName = "KEY=VALUE", Recursive = true, Arity = ArgumentArity.OneOrMore };

    /// <summary>Adds them to the root.</summary>
    public void AddTo(RootCommand root)
    {
        root.Add(Data);
        root.Add(Config);
        root.Add(Set);
        root.Add(Json);
    }

    /// <summary>What they say about the host.</summary>
    public HostArguments Read(ParseResult parsed, HostArguments process) => process with
    {
        Data = parsed.GetValue(Data),
        ConfigFile = parsed.GetValue(Config),
        Settings = parsed.GetValue(Set) ?? [],
    };
}
