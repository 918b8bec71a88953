using Apache.Arrow;
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

    /// <summary>Reads the first batch of rows.</summary>
    public static async Task<RecordBatch> FirstAsync(this DataFrame frame, CancellationToken cancellationToken)
    {
        await foreach (var batch in frame.CollectAsync(cancellationToken: cancellationToken))
        {
            return batch;
        }

        throw new InvalidOperationException("There is no batch");
    }
}
