using System.Globalization;
using System.Text.Json;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Health;
using LogPipeline.Core.Lake;

namespace LogPipeline.Web.Rest;

/// <summary>Brokers, the engine outside of this process, and the writer of a table as JSON, for <c>/health</c> and for the report that the health page copies.</summary>
/// <remarks>Members that are not known are null; times are RFC 3339 in UTC, spans in milliseconds.</remarks>
internal static class ExternalSystemsJson
{
    /// <summary>Writes <c>{"state":"connected","brokers":[{"id":1,"connected":true,"controller":true}],"group":"ui-bridge-group","topics":[{"name":"web-logs","lag":12,"partitions":[…]}]}</c>, or null.</summary>
    public static void WriteBrokers(Utf8JsonWriter json, string name, BrokerStatus? status, bool withAddresses)
    {
        if (status is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        json.WriteString("state", Word(BrokerHealth.StateOf(status)));
        json.WriteString("problem", BrokerHealth.ProblemOf(status));
        WriteInstant(json, "checkedAt", status.At);
        json.WriteString("clusterId", status.ClusterId);
        json.WriteStartArray("brokers");
        foreach (var broker in status.Brokers)
        {
            json.WriteStartObject();
            json.WriteNumber("id", broker.Id);
            json.WriteBoolean("connected", broker.IsReachable);
            json.WriteBoolean("controller", broker.Id == status.ControllerId);
            if (withAddresses)
            {
                json.WriteString("address", string.Create(CultureInfo.InvariantCulture, $"{broker.Host}:{broker.Port}"));
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("group", status.Group);
        json.WriteStartArray("topics");
        foreach (var topic in status.Topics)
        {
            WriteTopic(json, topic);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes <c>{"state":"connected","name":"Spark","version":"4.2.0","deltaVersion":"4.4.0","master":"local[2]","sessionId":"…","links":[…]}</c>, or null.</summary>
    public static void WriteEngine(Utf8JsonWriter json, string name, EngineStatus? status, bool withAddresses)
    {
        if (status is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        json.WriteString("state", Word(status.State));
        json.WriteString("problem", status.Problem);
        WriteInstant(json, "checkedAt", status.At);
        json.WriteString("name", status.Name);
        json.WriteString("version", status.Version);
        json.WriteString("deltaVersion", status.DeltaVersion);
        json.WriteString("master", status.Master);
        json.WriteString("owner", status.Owner switch { EngineOwner.ThisHost => "this host", EngineOwner.AnotherHost => "another host", _ => "others" });
        WriteNumber(json, "processId", status.ProcessId);
        json.WriteString("sessionId", status.SessionId);
        WriteInstant(json, "sessionSince", status.SessionSince);
        json.WriteNumber("restarts", status.Restarts);
        json.WriteNumber("failedTries", status.FailedTries);
        WriteInstant(json, "nextTryAt", status.NextTryAt);
        WriteNumber(json, "running", status.Running);
        WriteNumber(json, "memoryBytes", status.MemoryBytes);
        WriteNumber(json, "maxHeapBytes", status.MaxHeapBytes);
        json.WriteString("lastError", status.LastError);
        WriteInstant(json, "lastErrorAt", status.LastErrorAt);
        if (withAddresses)
        {
            json.WriteString("address", status.Address);
            json.WriteStartArray("links");
            foreach (var link in status.Links)
            {
                json.WriteStartObject();
                json.WriteString("name", link.Name);
                json.WriteString("url", link.Url);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>Writes <c>{"state":"following","table":"logs","batchRows":1184,"batchDurationMs":640,"inputRowsPerSecond":1184,"watermark":null}</c>, or null.</summary>
    public static void WriteWriter(Utf8JsonWriter json, string name, ITableWriter? writer)
    {
        if (writer is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        json.WriteString("table", writer.Table);
        json.WriteString("state", JsonNamingPolicy.CamelCase.ConvertName(writer.State.ToString()));
        json.WriteString("problem", writer.Problem);
        if (writer.OtherWriter is { } other)
        {
            json.WriteStartObject("writtenBy");
            json.WriteString("host", other.Host);
            json.WriteNumber("process", other.ProcessId);
            json.WriteString("engine", JsonNamingPolicy.CamelCase.ConvertName(other.Engine.ToString()));
            WriteInstant(json, "since", other.Since);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("writtenBy");
        }

        json.WriteNumber("gaps", writer.Gaps);
        var figures = writer.Figures;
        WriteInstant(json, "committedAt", figures?.CommittedAt);
        WriteNumber(json, "batchRows", figures?.BatchRows);
        WriteNumber(json, "batchDurationMs", figures?.BatchDuration.TotalMilliseconds);
        WriteNumber(json, "inputRowsPerSecond", figures?.InputRowsPerSecond);
        WriteNumber(json, "processedRowsPerSecond", figures?.ProcessedRowsPerSecond);
        WriteInstant(json, "watermark", figures?.Watermark);
        json.WriteString("lastError", figures?.LastError);
        json.WriteString("runId", figures?.RunId);
        json.WriteEndObject();
    }

    /// <summary>A state as <c>/health</c> names it.</summary>
    public static string Word(HealthState state) => state switch
    {
        HealthState.Connected => "connected",
        HealthState.Partial => "partial",
        HealthState.Connecting => "connecting",
        HealthState.Disconnected => "disconnected",
        _ => "off",
    };

    /// <summary>An instant, or null.</summary>
    public static void WriteInstant(Utf8JsonWriter json, string name, DateTimeOffset? at) =>
        json.WriteString(name, at?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));

    private static void WriteTopic(Utf8JsonWriter json, BrokerTopic topic)
    {
        json.WriteStartObject();
        json.WriteString("name", topic.Name);
        WriteNumber(json, "lag", topic.Lag);
        json.WriteStartArray("partitions");
        foreach (var partition in topic.Partitions)
        {
            json.WriteStartObject();
            json.WriteNumber("partition", partition.Partition);
            WriteNumber(json, "leader", partition.LeaderId);
            json.WriteNumber("replicas", partition.ReplicaIds.Count);
            json.WriteNumber("inSync", partition.InSyncIds.Count);
            WriteNumber(json, "begin", partition.Begin);
            WriteNumber(json, "end", partition.End);
            WriteNumber(json, "groupOffset", partition.GroupOffset);
            WriteNumber(json, "lag", partition.Lag);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            json.WriteNumber(name, Math.Round(number, 1));
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
