namespace LogPipeline.Core.EventLog;

/// <summary>The event logs of all configured streams.</summary>
public interface IEventLogs
{
    /// <summary>One log a stream, in the order of the configuration.</summary>
    IReadOnlyList<IEventLog> All { get; }

    /// <summary>The log of a stream by its exact name, or null.</summary>
    IEventLog? Find(string stream);
}
