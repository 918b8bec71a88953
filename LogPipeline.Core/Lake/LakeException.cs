namespace LogPipeline.Core.Lake;

/// <summary>A table cannot be read or written; the message names the table, and the feature or file at fault.</summary>
public sealed class LakeException : Exception
{
    /// <summary>Makes one without a message.</summary>
    public LakeException()
    {
    }

    /// <summary>Makes one that says what is wrong.</summary>
    public LakeException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that says what is wrong and why.</summary>
    public LakeException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
