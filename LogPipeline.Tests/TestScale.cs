using System.Globalization;

namespace LogPipeline.Tests;

/// <summary>How much of a long test runs: a sample, or with <c>./test.sh --full</c> everything.</summary>
internal static class TestScale
{
    /// <summary>Whether LOGPIPELINE_FULL=1.</summary>
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("LOGPIPELINE_FULL") == "1";

    /// <summary>Seed of the run: LOGPIPELINE_SEED, or a new one each time.</summary>
    public static int Seed { get; } = int.TryParse(Environment.GetEnvironmentVariable("LOGPIPELINE_SEED"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var seed)
        ? seed
        : Random.Shared.Next();

    /// <summary>The figure for this run.</summary>
    public static int Of(int sample, int full) => IsFull ? full : sample;
}
