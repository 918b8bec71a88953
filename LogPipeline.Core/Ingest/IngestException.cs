namespace LogPipeline.Core.Ingest;

/// <summary>A request, format or file cannot be taken in at all; the message says why and what would do.</summary>
public sealed class IngestException : Exception
{
    /// <summary>Makes one without a message.</summary>
    public IngestException()
    {
    }

    /// <summary>Makes one that says what is wrong.</summary>
    public IngestException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that says what is wrong and why.</summary>
    public IngestException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
