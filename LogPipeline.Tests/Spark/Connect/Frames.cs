using LogPipeline.Spark.Connect;

namespace LogPipeline.Tests.Spark.Connect;

/// <summary>Runs data frames to their end.</summary>
internal static class Frames
{
    /// <summary>Reads every row and counts them here.</summary>
    public static async Task<long> CountRowsAsync(this DataFrame frame, CancellationToken cancellationToken, ExecuteOptions? options = null)
    {
        var rows = 0L;
        await foreach (var batch in frame.CollectAsync(options, cancellationToken))
        {
            rows += batch.Length;
        }

        return rows;
    }
}
