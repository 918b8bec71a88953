namespace LogPipeline.Core.Query;

/// <summary>How far a running statement is, as its engine reports it.</summary>
/// <param name="Stages">Its stages; more may follow.</param>
/// <param name="RunningTasks">Tasks that run now.</param>
public sealed record QueryProgress(IReadOnlyList<QueryStage> Stages, long RunningTasks)
{
    /// <summary>Tasks of all stages that are known.</summary>
    public long Tasks => Stages.Sum(stage => stage.Tasks);

    /// <summary>Those that are done.</summary>
    public long CompletedTasks => Stages.Sum(stage => stage.CompletedTasks);

    /// <summary>Bytes read.</summary>
    public long InputBytes => Stages.Sum(stage => stage.InputBytes);
}

/// <summary>One stage of a statement.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Tasks">Tasks that it has.</param>
/// <param name="CompletedTasks">Those that are done.</param>
/// <param name="InputBytes">Bytes that it has read.</param>
/// <param name="IsDone">Whether it is done.</param>
public sealed record QueryStage(long Id, long Tasks, long CompletedTasks, long InputBytes, bool IsDone);
