using LogPipeline.Spark.Connect;

namespace LogPipeline.Tests.Spark.Connect;

/// <summary>Calls at each report, in the order of the reports.</summary>
internal sealed class Reports(Action<ExecutionProgress> action) : IProgress<ExecutionProgress>
{
    public void Report(ExecutionProgress value) => action(value);
}
