using System.Globalization;

namespace LogPipeline.Core.Lake.Delta;

/// <summary>What a file of <c>_delta_log</c> is, by its name.</summary>
internal enum LogFileKind
{
    /// <summary>Nothing that a reader needs.</summary>
    Other,

    /// <summary><c>00000000000000000007.json</c>.</summary>
    Commit,

    /// <summary><c>00000000000000000007.checkpoint.parquet</c>.</summary>
    Checkpoint,

    /// <summary><c>00000000000000000007.checkpoint.0000000001.0000000002.parquet</c>.</summary>
    CheckpointPart,

    /// <summary><c>00000000000000000007.checkpoint.80a083e8-….json</c> or <c>.parquet</c>.</summary>
    CheckpointV2,
}

/// <summary>One file of <c>_delta_log</c>.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Version">Version it stands for.</param>
/// <param name="Part">Number of the part, from 1.</param>
/// <param name="Parts">Parts in all.</param>
internal readonly record struct LogFile(LogFileKind Kind, long Version, int Part = 0, int Parts = 0)
{
    public const string Folder = "_delta_log";
    public const string LastCheckpoint = "_last_checkpoint";

    public static string CommitName(long version) => string.Create(CultureInfo.InvariantCulture, $"{version:D20}.json");

    public static string CheckpointName(long version) => string.Create(CultureInfo.InvariantCulture, $"{version:D20}.checkpoint.parquet");

    public static LogFile Parse(ReadOnlySpan<char> name)
    {
        if (name.Length < 25 || name[20] != '.' || !long.TryParse(name[..20], NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            return default;
        }

        var rest = name[21..];
        if (rest.SequenceEqual("json"))
        {
            return new LogFile(LogFileKind.Commit, version);
        }

        if (rest.SequenceEqual("checkpoint.parquet"))
        {
            return new LogFile(LogFileKind.Checkpoint, version);
        }

        if (!rest.StartsWith("checkpoint.", StringComparison.Ordinal))
        {
            return default;
        }

        rest = rest[11..];
        var isParquet = rest.EndsWith(".parquet", StringComparison.Ordinal);
        if (isParquet && rest.Length == 29 && rest[10] == '.'
            && int.TryParse(rest[..10], NumberStyles.None, CultureInfo.InvariantCulture, out var part)
            && int.TryParse(rest[11..21], NumberStyles.None, CultureInfo.InvariantCulture, out var parts))
        {
            return new LogFile(LogFileKind.CheckpointPart, version, part, parts);
        }

        var extension = isParquet ? 8 : rest.EndsWith(".json", StringComparison.Ordinal) ? 5 : 0;
        return extension > 0 && Guid.TryParse(rest[..^extension], out _) ? new LogFile(LogFileKind.CheckpointV2, version) : default;
    }
}
