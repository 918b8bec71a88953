using Microsoft.Extensions.Options;

namespace LogPipeline.Core.EventLog;

/// <summary>How the embedded event log uses memory and files: <c>LogPipeline:EventLog</c>.</summary>
public sealed class EventLogOptions
{
    /// <summary>Memory for pages that readers may still want, in MiB a stream: a power of two from 16 to 1024.</summary>
    public int MemoryMiB { get; set; } = 32;

    /// <summary>Size of the log's files in MiB: a power of two from 16 to 1024. Retention removes whole files. Fixed when a log is made.</summary>
    public int SegmentMiB { get; set; } = 64;

    /// <summary>What a sender is told to wait when the log is full of events that are not stored yet, in milliseconds.</summary>
    public int RetryAfterMs { get; set; } = 1000;
}

/// <summary>Reports every problem of <see cref="EventLogOptions"/>.</summary>
public sealed class EventLogOptionsValidator : IValidateOptions<EventLogOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, EventLogOptions options)
    {
        var problems = new List<string>();
        Check(nameof(options.MemoryMiB), options.MemoryMiB);
        Check(nameof(options.SegmentMiB), options.SegmentMiB);
        if (options.RetryAfterMs is < 1 or > 60_000)
        {
            problems.Add($"LogPipeline:EventLog:RetryAfterMs is {options.RetryAfterMs}; give 1 to 60000");
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);

        void Check(string key, int value)
        {
            if (value is < 16 or > 1024 || !int.IsPow2(value))
            {
                problems.Add($"LogPipeline:EventLog:{key} is {value}; give a power of two from 16 to 1024");
            }
        }
    }
}
