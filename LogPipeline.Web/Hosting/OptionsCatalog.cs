using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.EventLog.Kafka;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Live;
using LogPipeline.Core.Query;
using LogPipeline.Spark.Broker;
using LogPipeline.Spark.Streaming;
using Microsoft.Extensions.Options;

namespace LogPipeline.Web.Hosting;

/// <summary>Every section of the configuration and the options class that it fills, in data order.</summary>
internal static class OptionsCatalog
{
    /// <summary>The section of everything.</summary>
    public const string Root = "LogPipeline";

    /// <summary>The sections.</summary>
    public static IReadOnlyList<OptionsSection> Sections { get; } =
    [
        new OptionsSection<PipelineOptions>(Root),
        new OptionsSection<IngestOptions>("LogPipeline:Ingest"),
        new OptionsSection<EventLogOptions>("LogPipeline:EventLog"),
        new OptionsSection<KafkaOptions>(KafkaOptions.Section),
        new OptionsSection<LiveOptions>("LogPipeline:Live"),
        new OptionsSection<LakeOptions>("LogPipeline:Lake"),
        new OptionsSection<QueryOptions>("LogPipeline:Query"),
        new OptionsSection<SparkOptions>("LogPipeline:Spark"),
        new OptionsSection<SparkStreamingOptions>(SparkStreamingOptions.Section),
    ];
}

/// <summary>One section of the configuration.</summary>
/// <param name="Path">Such as <c>LogPipeline:Lake</c>.</param>
internal abstract record OptionsSection(string Path)
{
    /// <summary>The options class.</summary>
    public abstract Type Type { get; }

    /// <summary>Makes options with their defaults.</summary>
    public abstract object Create();

    /// <summary>Gives the options to the services.</summary>
    public abstract void Register(IServiceCollection services, object options);

    /// <summary>Runs the stage's own checks.</summary>
    public abstract IEnumerable<ConfigurationProblem> Validate(IServiceProvider services);
}

/// <inheritdoc/>
internal sealed record OptionsSection<T>(string Path) : OptionsSection(Path)
    where T : class, new()
{
    /// <inheritdoc/>
    public override Type Type => typeof(T);

    /// <inheritdoc/>
    public override object Create() => new T();

    /// <inheritdoc/>
    public override void Register(IServiceCollection services, object options) =>
        services
            .AddSingleton<IOptionsFactory<T>>(provider => new BoundOptions((T)options, provider.GetServices<IPostConfigureOptions<T>>()))
            .AddSingleton(provider => provider.GetRequiredService<IOptions<T>>().Value);

    /// <inheritdoc/>
    public override IEnumerable<ConfigurationProblem> Validate(IServiceProvider services)
    {
        foreach (var validator in services.GetServices<IValidateOptions<T>>())
        {
            var result = validator.Validate(null, services.GetRequiredService<T>());
            foreach (var failure in result.Failures ?? [])
            {
                // A failure reads "LogPipeline:Lake:CommitInterval must be …" or "LogPipeline:Lake:CommitInterval: must be …".
                var end = failure.StartsWith(OptionsCatalog.Root, StringComparison.Ordinal) ? failure.IndexOf(' ', StringComparison.Ordinal) : -1;
                yield return end > 0 ? new(failure[..end].TrimEnd(':'), failure[(end + 1)..]) : new(Path, failure);
            }
        }
    }

    /// <summary>Gives out the options that were read, completed by the stage.</summary>
    private sealed class BoundOptions(T options, IEnumerable<IPostConfigureOptions<T>> completions) : IOptionsFactory<T>
    {
        public T Create(string name)
        {
            foreach (var completion in completions)
            {
                completion.PostConfigure(name, options);
            }

            return options;
        }
    }
}
