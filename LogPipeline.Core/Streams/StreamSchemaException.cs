namespace LogPipeline.Core.Streams;

/// <summary>A stream's schema cannot be used; the message names the schema and the field.</summary>
public sealed class StreamSchemaException : Exception
{
    /// <summary>Makes one without a message.</summary>
    public StreamSchemaException()
    {
    }

    /// <summary>Makes one that says what is wrong.</summary>
    public StreamSchemaException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that says what is wrong and why.</summary>
    public StreamSchemaException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
