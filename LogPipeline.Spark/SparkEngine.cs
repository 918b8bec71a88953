namespace LogPipeline.Spark;

/// <summary>What the host knows of the Spark engine before it composes it.</summary>
public static class SparkEngine
{
    /// <summary>Whether this build can run <c>Engine=Spark</c>.</summary>
    public static bool IsAvailable => false;
}
