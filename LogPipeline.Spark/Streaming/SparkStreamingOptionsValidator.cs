using System.Globalization;
using LogPipeline.Core.Configuration;
using LogPipeline.Spark.Broker;
using Microsoft.Extensions.Options;

namespace LogPipeline.Spark.Streaming;

/// <summary>Says everything that is wrong with the options of streaming, each with its key and the fix.</summary>
/// <param name="host">The switches; without them nothing is looked for.</param>
/// <param name="spark">Where Spark is.</param>
internal sealed class SparkStreamingOptionsValidator(PipelineOptions? host = null, SparkOptions? spark = null) : IValidateOptions<SparkStreamingOptions>
{
    private static readonly string[] OwnSettings =
        ["bootstrap.servers", "group.id", "auto.offset.reset", "key.deserializer", "value.deserializer", "isolation.level", "enable.auto.commit", "interceptor.classes"];

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, SparkStreamingOptions options)
    {
        var problems = new List<string>();
        Between(nameof(options.Trigger), options.Trigger, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        Between(nameof(options.MaxOffsetsPerTrigger), options.MaxOffsetsPerTrigger, 1_000, 100_000_000);
        Between(nameof(options.MinPartitions), options.MinPartitions, 0, 1_000);
        Between(nameof(options.DeadLetterInterval), options.DeadLetterInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        foreach (var setting in options.KafkaSettings.Keys.Where(setting => OwnSettings.Contains(setting, StringComparer.Ordinal)))
        {
            problems.Add($"{SparkStreamingOptions.Section}:KafkaSettings:{setting} is not yours to choose; {(setting == "bootstrap.servers" ? "set Brokers instead" : "the tables rest on what the host sets")}");
        }

        foreach (var setting in options.Conf.Keys.Where(setting => !setting.StartsWith("spark.", StringComparison.Ordinal)))
        {
            problems.Add($"{SparkStreamingOptions.Section}:Conf:{setting} is no setting of Spark; their names begin with spark.");
        }

        if (host is { Engine: EngineKind.Spark, Broker: BrokerKind.Kafka } && LacksKafka())
        {
            problems.Add($"LogPipeline:Spark:Home {spark!.Home} lacks spark-sql-kafka-0-10, with which Spark reads Kafka: copy it and what it needs (Maven org.apache.spark:spark-sql-kafka-0-10_2.13 of "
                + "Spark's version; kafka-clients, spark-token-provider-kafka-0-10, commons-pool2) into its folder jars, or name their folder in LogPipeline:Spark:Jars");
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);

        void Between<T>(string key, T value, T least, T most)
            where T : IComparable<T>
        {
            if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"{SparkStreamingOptions.Section}:{key} is {value}; set it between {least} and {most}"));
            }
        }
    }

    // A home that is not there is reported by whoever looks for Spark; a server that others run has what it has.
    private bool LacksKafka() => spark is { Home: { Length: > 0 } home } && SparkMaster.Parse(spark.Master) is not SparkMaster.Remote
        && Path.Combine(Path.GetFullPath(home), "jars") is var jars && Directory.Exists(jars)
        && !Directory.EnumerateFiles(jars).Concat(spark.Jars.SelectMany(entry => Directory.Exists(entry) ? Directory.EnumerateFiles(entry) : [entry]))
            .Any(jar => Path.GetFileName(jar).StartsWith("spark-sql-kafka-0-10_", StringComparison.Ordinal));
}
