namespace LogPipeline.Spark.Broker;

/// <summary>A Spark Connect server cannot be started, reached or used; the message says what to do.</summary>
public sealed class SparkServerException : Exception
{
    /// <summary>Makes one without a message.</summary>
    public SparkServerException()
    {
    }

    /// <summary>Makes one that says what is wrong.</summary>
    public SparkServerException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that says what is wrong and why.</summary>
    public SparkServerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
