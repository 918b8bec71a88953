namespace LogPipeline.Spark.Connect;

/// <summary>What a caller may say about one execution.</summary>
public sealed record ExecuteOptions
{
    /// <summary>
    /// Id of the operation on the server, a UUID: the handle of <see cref="SparkSession.InterruptOperationAsync"/>.
    /// Null makes one. An id serves one execution.
    /// </summary>
    public string? OperationId { get; init; }

    /// <summary>Told every few seconds, and at the end of each stage, how far the server is.</summary>
    public IProgress<ExecutionProgress>? Progress { get; init; }
}

/// <summary>How far an execution is.</summary>
/// <param name="Stages">The stages that the server has begun.</param>
/// <param name="InflightTasks">Tasks that run now.</param>
public sealed record ExecutionProgress(IReadOnlyList<StageProgress> Stages, long InflightTasks)
{
    /// <summary>Tasks of all begun stages.</summary>
    public long Tasks => Stages.Sum(stage => stage.Tasks);

    /// <summary>Tasks done.</summary>
    public long CompletedTasks => Stages.Sum(stage => stage.CompletedTasks);

    /// <summary>Bytes read from storage.</summary>
    public long InputBytes => Stages.Sum(stage => stage.InputBytes);
}

/// <summary>How far one stage is.</summary>
/// <param name="StageId">Spark's number of the stage.</param>
/// <param name="Tasks">Tasks in all.</param>
/// <param name="CompletedTasks">Tasks done.</param>
/// <param name="InputBytes">Bytes read from storage.</param>
/// <param name="IsDone">Whether the stage is over.</param>
public sealed record StageProgress(long StageId, long Tasks, long CompletedTasks, long InputBytes, bool IsDone);
