namespace LogPipeline.Core.DataFolders;

/// <summary>A data folder cannot be used; the message names it and says what to do.</summary>
public sealed class DataFolderException : Exception
{
    /// <summary>Makes one without a message.</summary>
    public DataFolderException()
    {
    }

    /// <summary>Makes one that says what is wrong.</summary>
    public DataFolderException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that says what is wrong and why.</summary>
    public DataFolderException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
