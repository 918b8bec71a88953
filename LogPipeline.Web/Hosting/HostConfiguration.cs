using LogPipeline.Core.Configuration;
using LogPipeline.Core.Query;
using LogPipeline.Core.Streams;
using LogPipeline.Spark;

namespace LogPipeline.Web.Hosting;

/// <summary>The configuration of a host: command line over environment over <c>.env</c> over appsettings.json.</summary>
internal sealed class HostConfiguration
{
    private readonly Dictionary<Type, object> options = [];

    private HostConfiguration(IConfigurationRoot configuration) => Configuration = configuration;

    /// <summary>All keys.</summary>
    public IConfigurationRoot Configuration { get; }

    /// <summary>The host's own options; <see cref="PipelineOptions.DataFolder"/> is absolute.</summary>
    public PipelineOptions Host => (PipelineOptions)options[typeof(PipelineOptions)];

    /// <summary>The streams.</summary>
    public required StreamRegistry Streams { get; init; }

    /// <summary>What the start says about the configuration, one line each.</summary>
    public required IReadOnlyList<string> Notices { get; init; }

    /// <summary>Reads and checks the configuration, the stages' own checks included.</summary>
    /// <exception cref="ConfigurationException">Something is wrong; all of it is named.</exception>
    public static HostConfiguration Load(HostArguments arguments)
    {
        var problems = new List<ConfigurationProblem>();
        var (configuration, foreign) = ReadSources(arguments, problems);
        var binder = new OptionsBinder(configuration);
        var bound = OptionsCatalog.Sections.Select(section => (section, value: section.Create())).ToList();
        foreach (var (section, value) in bound)
        {
            binder.Bind(section.Path, value);
        }

        binder.ReportUnknown(OptionsCatalog.Root);
        problems.AddRange(binder.Problems);
        var host = (PipelineOptions)bound.First(pair => pair.value is PipelineOptions).value;
        problems.AddRange(PipelineOptionsRules.Check(host));
        var streams = StreamConfiguration.Create(host.Streams, arguments.WorkingFolder, problems);
        host.DataFolder = Path.GetFullPath(host.DataFolder ?? ".", arguments.WorkingFolder);
        var queries = (QueryOptions)bound.First(pair => pair.value is QueryOptions).value;
        var result = new HostConfiguration(configuration) { Streams = streams!, Notices = [.. NoticesOf(host, queries, foreign)] };
        foreach (var (section, value) in bound)
        {
            result.options[section.Type] = value;
        }

        RunStageChecks(bound, host, queries, problems);
        return problems.Count == 0 ? result : throw new ConfigurationException([.. problems.DistinctBy(problem => problem.ToString())]);
    }

    /// <summary>The options of a stage.</summary>
    public T Options<T>()
        where T : class => (T)options[typeof(T)];

    /// <summary>Gives configuration, options and streams to the services.</summary>
    public void Register(IServiceCollection services)
    {
        services.AddOptions();
        services.AddSingleton(this);
        services.AddSingleton(Streams);
        foreach (var section in OptionsCatalog.Sections)
        {
            section.Register(services, options[section.Type]);
        }
    }

    private static void RunStageChecks(IEnumerable<(OptionsSection Section, object Value)> bound, PipelineOptions host, QueryOptions queries, List<ConfigurationProblem> problems)
    {
        var services = new ServiceCollection();
        services.AddOptions();
        foreach (var (section, value) in bound)
        {
            section.Register(services, value);
        }

        services.AddLogging();
        services.AddStages(host, queries);
        using var provider = services.BuildServiceProvider();
        foreach (var (section, _) in bound)
        {
            problems.AddRange(section.Validate(provider));
        }
    }

    private static (IConfigurationRoot Configuration, IReadOnlyList<string> ForeignVariables) ReadSources(HostArguments arguments, List<ConfigurationProblem> problems)
    {
        var builder = new ConfigurationBuilder();
        AddJson(builder, Path.Combine(AppContext.BaseDirectory, "appsettings.json"), "appsettings.json", problems);
        if (arguments.ConfigFile is { } file)
        {
            var path = Path.GetFullPath(file, arguments.WorkingFolder);
            if (File.Exists(path))
            {
                AddJson(builder, path, "--config " + file, problems);
            }
            else
            {
                problems.Add(new("--config", $"there is no file {path}"));
            }
        }

        var dotEnv = DotEnvFile.Read(Path.Combine(arguments.WorkingFolder, ".env"), problems);
        _ = builder.AddInMemoryCollection(KnownVariables.Translate(".env", dotEnv, problems));
        _ = builder.AddInMemoryCollection(KnownVariables.Translate("environment", arguments.Environment, problems));
        _ = builder.AddInMemoryCollection(FromCommandLine(arguments, problems));
        var configuration = builder.Build();
        if (configuration["LogPipeline:DataFolder"] is null or "./logpipeline-data" && arguments.DefaultDataFolder is { } folder)
        {
            configuration["LogPipeline:DataFolder"] = folder;
        }

        var foreign = KnownVariables.All.Where(variable => !variable.IsInstallation).Select(variable => variable.Name)
            .Where(name => name.StartsWith("KAFKA_", StringComparison.Ordinal) || name.StartsWith("SPARK_", StringComparison.Ordinal))
            .Where(name => !string.IsNullOrWhiteSpace(arguments.Environment.GetValueOrDefault(name)) || !string.IsNullOrWhiteSpace(dotEnv.GetValueOrDefault(name)));
        return (configuration, [.. foreign]);
    }

    private static void AddJson(ConfigurationBuilder builder, string path, string name, List<ConfigurationProblem> problems)
    {
        try
        {
            using var content = new MemoryStream(File.Exists(path) ? File.ReadAllBytes(path) : "{}"u8.ToArray());
            var values = new ConfigurationBuilder().AddJsonStream(content).Build().AsEnumerable().Where(pair => pair.Value is not null);
            _ = builder.AddInMemoryCollection(values);
        }
        catch (Exception error) when (error is FormatException or InvalidDataException or System.Text.Json.JsonException or IOException or UnauthorizedAccessException)
        {
            problems.Add(new(name, $"cannot be read: {(error.InnerException ?? error).Message}"));
        }
    }

    private static Dictionary<string, string?> FromCommandLine(HostArguments arguments, List<ConfigurationProblem> problems)
    {
        var keys = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in arguments.Settings)
        {
            var split = setting.IndexOf('=', StringComparison.Ordinal);
            if (split <= 0)
            {
                problems.Add(new("--set", $"'{setting}' is not KEY=VALUE, such as Http:Port=4100"));
                continue;
            }

            var key = setting[..split].Trim();
            keys[key.StartsWith("LogPipeline:", StringComparison.OrdinalIgnoreCase) ? key : "LogPipeline:" + key] = setting[(split + 1)..].Trim();
        }

        Set("DataFolder", arguments.Data);
        Set("Http:Port", arguments.Port?.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Set("Http:Bind", arguments.Bind);
        Set("Auth:AllowAnonymous", arguments.AllowAnonymous ? "true" : null);
        return keys;

        void Set(string key, string? value)
        {
            if (value is not null)
            {
                keys["LogPipeline:" + key] = value;
            }
        }
    }

    private static IEnumerable<string> NoticesOf(PipelineOptions host, QueryOptions queries, IReadOnlyList<string> foreign)
    {
        var idle = foreign.Where(name => name.StartsWith("KAFKA_", StringComparison.Ordinal) ? host.Broker == BrokerKind.Embedded : !SparkEngine.IsChosen(host, queries)).ToList();
        if (idle.Count > 0)
        {
            yield return $"{string.Join(", ", idle)} {(idle.Count == 1 ? "is" : "are")} set but not used: Broker is {host.Broker} and Engine is {host.Engine}";
        }
    }
}
