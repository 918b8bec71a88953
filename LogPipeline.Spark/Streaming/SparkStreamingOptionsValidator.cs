using System.Globalization;
using Microsoft.Extensions.Options;

namespace LogPipeline.Spark.Streaming;

/// <summary>Says everything that is wrong with the options of streaming, each with its key and the fix.</summary>
internal sealed class SparkStreamingOptionsValidator : IValidateOptions<SparkStreamingOptions>
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
}
