using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Ingest;

/// <summary>Checks <see cref="IngestOptions"/> at start and reports every problem at once.</summary>
internal sealed class IngestOptionsValidator : IValidateOptions<IngestOptions>
{
    public ValidateOptionsResult Validate(string? name, IngestOptions options)
    {
        List<string> problems = [];
        Check(problems, nameof(options.MaxEventBytes), options.MaxEventBytes, 1024, 1 << 20, "bytes");
        Check(problems, nameof(options.MaxFieldBytes), options.MaxFieldBytes, 256, options.MaxEventBytes, "bytes, at most MaxEventBytes");
        Check(problems, nameof(options.MaxDepth), options.MaxDepth, 1, 1000, "levels");
        Check(problems, nameof(options.MaxBodyBytes), options.MaxBodyBytes, 1024, 16L << 30, "bytes");
        Check(problems, nameof(options.BatchBytes), options.BatchBytes, 64 * 1024, 2 << 20, "bytes");
        Check(problems, nameof(options.BatchRows), options.BatchRows, 1, 1_000_000, "rows");
        Check(problems, nameof(options.MaxConcurrentRequests), options.MaxConcurrentRequests, 1, 1024, "requests");
        Check(problems, nameof(options.MaxSessions), options.MaxSessions, 1024, 1 << 24, "visitors");
        Check(problems, nameof(options.MaxAhead), options.MaxAhead, TimeSpan.Zero, TimeSpan.FromDays(3650));
        Check(problems, nameof(options.MaxFullWait), options.MaxFullWait, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        Check(problems, nameof(options.FilePollInterval), options.FilePollInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        Check(problems, nameof(options.RotatedFileWait), options.RotatedFileWait, TimeSpan.Zero, TimeSpan.FromHours(1));
        Check(problems, nameof(options.SessionIdle), options.SessionIdle, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static void Check(List<string> problems, string key, long value, long least, long most, string unit)
    {
        if (value < least || value > most)
        {
            problems.Add(FormattableString.Invariant($"{IngestOptions.Section}:{key} is {value}; set it to {least} to {most} ({unit})"));
        }
    }

    private static void Check(List<string> problems, string key, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
        {
            problems.Add(FormattableString.Invariant($"{IngestOptions.Section}:{key} is {value:c}; set it to {least:c} to {most:c}"));
        }
    }
}
