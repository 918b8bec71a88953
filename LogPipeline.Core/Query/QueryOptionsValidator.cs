using System.Globalization;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Query;

/// <summary>Reports every wrong value of <see cref="QueryOptions"/> at once.</summary>
internal sealed class QueryOptionsValidator : IValidateOptions<QueryOptions>
{
    public ValidateOptionsResult Validate(string? name, QueryOptions options)
    {
        var problems = new List<string>();
        Require(options.Timeout >= TimeSpan.FromMilliseconds(100) && options.Timeout <= TimeSpan.FromHours(24),
            nameof(options.Timeout), options.Timeout, "give a time from 00:00:00.1 to 1.00:00:00");
        InRange(nameof(options.MaxRows), options.MaxRows, 1, QueryOptions.RowsCeiling);
        InRange(nameof(options.MaxResultMb), options.MaxResultMb, 1, 4_096);
        Require(options.MemoryMb == 0 || options.MemoryMb is >= 64 and <= 1 << 20,
            nameof(options.MemoryMb), options.MemoryMb, "give 64 or more, or 0 for a quarter of the machine's memory");
        InRange(nameof(options.SpillMb), options.SpillMb, 0, 1 << 24);
        InRange(nameof(options.Threads), options.Threads, 0, 1_024);
        InRange(nameof(options.Concurrency), options.Concurrency, 1, 256);
        InRange(nameof(options.Queue), options.Queue, 0, 10_000);
        InRange(nameof(options.History), options.History, 0, 10_000);
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);

        void InRange(string key, int value, int least, int most) =>
            Require(value >= least && value <= most, key, value, string.Create(CultureInfo.InvariantCulture, $"give a number from {least} to {most}"));

        void Require(bool holds, string key, object value, string fix)
        {
            if (!holds)
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"LogPipeline:Query:{key} is {value}: {fix}."));
            }
        }
    }
}
