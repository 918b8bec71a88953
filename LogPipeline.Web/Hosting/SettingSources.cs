using LogPipeline.Core.Configuration;

namespace LogPipeline.Web.Hosting;

/// <summary>Where the keys of a configuration come from: files, and over them what cannot be written for the user.</summary>
internal sealed class SettingSources(HostArguments arguments)
{
    /// <summary>Name of the file that a folder keeps its configuration in.</summary>
    public const string FileName = "appsettings.json";

    /// <summary>Sections of a file in the working folder that are ours: it may be another program's too.</summary>
    private static readonly string[] OwnSections = ["LogPipeline:", "Logging:"];

    // The later one wins.
    private readonly List<Source> sources = [];

    /// <summary>The file that a setting of the user's is kept in: that of <c>--config</c>, or else appsettings.json in the working folder, which need not be there.</summary>
    public string UserFile => Path.GetFullPath(arguments.ConfigFile ?? FileName, arguments.WorkingFolder);

    /// <summary>The value of a key, or null.</summary>
    public string? this[string key] => SourceOf(key)?.Keys[key];

    /// <summary>What overrides the files' value of a key, such as <c>the environment</c>; null when nothing does.</summary>
    public string? OverrideOf(string key) => SourceOf(key) is { IsOverride: true } source ? source.Name : null;

    /// <summary>Where the value of a key comes from: a file, or <see cref="OverrideOf"/>; null for a key that nothing sets.</summary>
    public string? NameOf(string key) => SourceOf(key)?.Name;

    /// <summary>Reads the files.</summary>
    public void AddFiles(ICollection<ConfigurationProblem> problems)
    {
        AddFile(Path.Combine(AppContext.BaseDirectory, FileName), FileName, _ => true, problems);
        var own = Path.Combine(arguments.WorkingFolder, FileName);
        if (Path.GetFullPath(own) != Path.Combine(AppContext.BaseDirectory, FileName))
        {
            AddFile(own, own, key => OwnSections.Any(section => key.StartsWith(section, StringComparison.OrdinalIgnoreCase)), problems);
        }

        if (arguments.ConfigFile is not { } file)
        {
            return;
        }

        if (File.Exists(UserFile))
        {
            AddFile(UserFile, "--config " + file, _ => true, problems);
        }
        else
        {
            problems.Add(new("--config", $"there is no file {UserFile}"));
        }
    }

    /// <summary>Adds what wins over everything so far.</summary>
    public void AddOverride(string name, IReadOnlyDictionary<string, string?> keys) => sources.Add(new(name, true, new(keys, StringComparer.OrdinalIgnoreCase)));

    /// <summary>All of them in one.</summary>
    public IConfigurationRoot Build()
    {
        var builder = new ConfigurationBuilder();
        foreach (var (_, _, keys) in sources)
        {
            _ = builder.AddInMemoryCollection(keys);
        }

        return builder.Build();
    }

    private Source? SourceOf(string key) => sources.FindLast(source => source.Keys.ContainsKey(key));

    private void AddFile(string path, string name, Func<string, bool> isWanted, ICollection<ConfigurationProblem> problems)
    {
        try
        {
            using var content = new MemoryStream(File.Exists(path) ? File.ReadAllBytes(path) : "{}"u8.ToArray());
            var values = new ConfigurationBuilder().AddJsonStream(content).Build().AsEnumerable().Where(pair => pair.Value is not null && isWanted(pair.Key));
            sources.Add(new(path, false, new(values, StringComparer.OrdinalIgnoreCase)));
        }
        catch (Exception error) when (error is FormatException or InvalidDataException or System.Text.Json.JsonException or IOException or UnauthorizedAccessException)
        {
            problems.Add(new(name, $"cannot be read: {(error.InnerException ?? error).Message}"));
        }
    }

    private sealed record Source(string Name, bool IsOverride, Dictionary<string, string?> Keys);
}
