using System.Globalization;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Lake;

/// <summary>Says everything that is wrong with the lake's options, each with its key and the fix.</summary>
internal sealed class LakeOptionsValidator : IValidateOptions<LakeOptions>
{
    private const string Section = "LogPipeline:Lake:";

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, LakeOptions options)
    {
        var problems = new List<string>();
        Between(problems, nameof(options.CommitInterval), options.CommitInterval, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1));
        Between(problems, nameof(options.CommitBytes), options.CommitBytes, 1L << 20, 1L << 30);
        Between(problems, nameof(options.ByMinuteInterval), options.ByMinuteInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Between(problems, nameof(options.LeaseDuration), options.LeaseDuration, TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(10));
        Between(problems, nameof(options.DrainTimeout), options.DrainTimeout, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        Between(problems, nameof(options.TargetFileBytes), options.TargetFileBytes, 1L << 20, 1L << 30);
        Between(problems, nameof(options.CompactionFiles), options.CompactionFiles, 2, 10_000);
        Between(problems, nameof(options.CompactionMinAge), options.CompactionMinAge, TimeSpan.Zero, TimeSpan.FromDays(1));
        Between(problems, nameof(options.DeletedFileRetention), options.DeletedFileRetention, TimeSpan.FromHours(1), TimeSpan.FromDays(3650));
        Between(problems, nameof(options.LogRetention), options.LogRetention, options.DeletedFileRetention, TimeSpan.FromDays(3650));
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static void Between<T>(List<string> problems, string key, T value, T least, T most)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"{Section}{key} is {value}; set it between {least} and {most}"));
        }
    }
}
