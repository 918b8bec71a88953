using System.Globalization;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Live;

/// <summary>Reports every problem of <see cref="LiveOptions"/> at once.</summary>
internal sealed class LiveOptionsValidator : IValidateOptions<LiveOptions>
{
    public ValidateOptionsResult Validate(string? name, LiveOptions options)
    {
        var problems = new List<string>();
        Check(problems, nameof(options.RingCapacity), options.RingCapacity, 1_000, 10_000_000);
        Check(problems, nameof(options.ReadBack), options.ReadBack, 0, 100_000_000);
        Check(problems, nameof(options.MaxEndpoints), options.MaxEndpoints, 10, 16_000);
        Check(problems, nameof(options.MaxSources), options.MaxSources, 2, 1_000);
        Check(problems, nameof(options.MetricsMemoryMiB), options.MetricsMemoryMiB, 8, 16_384);
        if (!(options.SlowMs > 0))
        {
            problems.Add($"{LiveOptions.Section}:{nameof(options.SlowMs)} is {options.SlowMs.ToString(CultureInfo.InvariantCulture)}; give a number of milliseconds above 0");
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static void Check(List<string> problems, string key, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"{LiveOptions.Section}:{key} is {value}; give a number from {least} to {most}"));
        }
    }
}
