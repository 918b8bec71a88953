namespace LogPipeline.Web.Hosting;

/// <summary>What the command line says about the host, and where it was called.</summary>
internal sealed record HostArguments
{
    /// <summary>Folder that relative paths count from.</summary>
    public required string WorkingFolder { get; init; }

    /// <summary>Environment variables.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary><c>--data</c>.</summary>
    public string? Data { get; init; }

    /// <summary><c>--config</c>: a JSON file that is read on top of appsettings.json.</summary>
    public string? ConfigFile { get; init; }

    /// <summary><c>--port</c>.</summary>
    public int? Port { get; init; }

    /// <summary><c>--bind</c>.</summary>
    public string? Bind { get; init; }

    /// <summary><c>--allow-anonymous</c>.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary><c>--set KEY=VALUE</c>, keys below <c>LogPipeline</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Data folder of a verb that has one of its own, when nothing else names one.</summary>
    public string? DefaultDataFolder { get; init; }

    /// <summary>This process: its working folder and environment.</summary>
    public static HostArguments OfProcess()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
        {
            environment[(string)entry.Key] = (string?)entry.Value ?? "";
        }

        return new HostArguments { WorkingFolder = Directory.GetCurrentDirectory(), Environment = environment };
    }
}
