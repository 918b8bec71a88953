namespace LogPipeline.Core.EventLog;

/// <summary>An event log cannot be opened or read; the message names it and says what to do.</summary>
public sealed class EventLogException : Exception
{
    /// <summary>Makes one without a message.</summary>
    public EventLogException()
    {
    }

    /// <summary>Makes one that says what is wrong.</summary>
    public EventLogException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that says what is wrong and why.</summary>
    public EventLogException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>An event log cannot be asked now; what it holds is safe, and the same call may succeed later.</summary>
public sealed class EventLogUnavailableException : Exception
{
    /// <summary>Makes one without a message.</summary>
    public EventLogUnavailableException()
    {
    }

    /// <summary>Makes one that says what is wrong.</summary>
    public EventLogUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that says what is wrong and why.</summary>
    public EventLogUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
