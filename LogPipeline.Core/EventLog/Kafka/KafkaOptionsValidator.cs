using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog.Kafka.Native;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>Checks <see cref="KafkaOptions"/> at start and reports every problem at once; the library is asked about its settings only when <c>Broker</c> is <c>Kafka</c>.</summary>
internal sealed class KafkaOptionsValidator(IServiceProvider services) : IValidateOptions<KafkaOptions>
{
    public ValidateOptionsResult Validate(string? name, KafkaOptions options)
    {
        var problems = new List<string>();
        Check(problems, nameof(options.Partitions), options.Partitions is >= 1 and <= 1000, $"is {options.Partitions}; set it to 1 to 1000");
        Check(problems, nameof(options.Replication), options.Replication is >= 0 and <= 100, $"is {options.Replication}; set it to the number of copies, or to 0 for the brokers' default");
        Check(problems, nameof(options.ConnectTimeout), options.ConnectTimeout >= TimeSpan.FromSeconds(1) && options.ConnectTimeout <= TimeSpan.FromMinutes(10), "must be from 1s to 10min");
        Check(problems, nameof(options.AppendTimeout), options.AppendTimeout >= TimeSpan.FromSeconds(1) && options.AppendTimeout <= TimeSpan.FromMinutes(10), "must be from 1s to 10min");
        Check(problems, nameof(options.MaxWaitingBytes), options.MaxWaitingBytes is >= 1 << 20 and <= 1L << 31, "must be from 1MiB to 2GiB");
        Check(problems, nameof(options.FetchBytes), options.FetchBytes is >= 1 << 20 and <= 512 << 20, "must be from 1MiB to 512MiB");
        if (services.GetService<PipelineOptions>()?.Broker == BrokerKind.Kafka)
        {
            Check(problems, nameof(options.Brokers), !string.IsNullOrWhiteSpace(options.Brokers), "is empty; give the brokers, such as localhost:9092");
            Check(problems, nameof(options.GroupId), !string.IsNullOrWhiteSpace(options.GroupId), "is empty; give a group such as ui-bridge-group");
            CheckSettings(problems, options);
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static void Check(List<string> problems, string key, bool isRight, string problem)
    {
        if (!isRight)
        {
            problems.Add($"{KafkaOptions.Section}:{key} {problem}");
        }
    }

    private static void CheckSettings(List<string> problems, KafkaOptions options)
    {
        foreach (var (key, value) in options.Settings)
        {
            var name = KafkaSettings.Name(key);
            if ((KafkaSettings.WhyOwned(name) is { } reason ? $"is not yours to set: {reason}" : NativeClient.Check(name, value)) is { } wrong)
            {
                problems.Add($"{KafkaOptions.Section}:Settings:{key} {wrong}");
            }
        }
    }
}
