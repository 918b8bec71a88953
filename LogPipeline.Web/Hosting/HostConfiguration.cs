using LogPipeline.Core.Configuration;
using LogPipeline.Core.Query;
using LogPipeline.Core.Streams;
using LogPipeline.Spark;

namespace LogPipeline.Web.Hosting;

/// <summary>The configuration of a host: command line over environment over <c>.env</c> over <c>--config</c> over appsettings.json, that of the working folder over the product's own.</summary>
internal sealed class HostConfiguration
{
    private readonly Dictionary<Type, object> options = [];

    private HostConfiguration(SettingSources sources)
    {
        Sources = sources;
        Configuration = sources.Build();
    }

    /// <summary>All keys.</summary>
    public IConfigurationRoot Configuration { get; }

    /// <summary>Where the keys come from.</summary>
    public SettingSources Sources { get; }

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
        var (sources, foreign) = ReadSources(arguments, problems);
        var binder = new OptionsBinder(sources.Build());
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
        var result = new HostConfiguration(sources) { Streams = streams!, Notices = [.. NoticesOf(host, queries, foreign)] };
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

    private static (SettingSources Sources, IReadOnlyList<string> ForeignVariables) ReadSources(HostArguments arguments, List<ConfigurationProblem> problems)
    {
        var sources = new SettingSources(arguments);
        sources.AddFiles(problems);
        var dotEnv = DotEnvFile.Read(Path.Combine(arguments.WorkingFolder, ".env"), problems);
        sources.AddOverride(".env", KnownVariables.Translate(".env", dotEnv, problems));
        sources.AddOverride("the environment", KnownVariables.Translate("environment", arguments.Environment, problems));
        sources.AddOverride("the command line", FromCommandLine(arguments, problems));
        if (sources["LogPipeline:DataFolder"] is null or "./logpipeline-data" && arguments.DefaultDataFolder is { } folder)
        {
            sources.AddOverride("the verb", new Dictionary<string, string?> { ["LogPipeline:DataFolder"] = folder });
        }

        var foreign = KnownVariables.All.Where(variable => !variable.IsInstallation).Select(variable => variable.Name)
            .Where(name => name.StartsWith("KAFKA_", StringComparison.Ordinal) || name.StartsWith("SPARK_", StringComparison.Ordinal))
            .Where(name => !string.IsNullOrWhiteSpace(arguments.Environment.GetValueOrDefault(name)) || !string.IsNullOrWhiteSpace(dotEnv.GetValueOrDefault(name)));
        return (sources, [.. foreign]);
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
