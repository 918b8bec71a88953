using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LogPipeline.Core.Lake.Delta;

/// <summary>Writes a commit: one JSON action a line.</summary>
internal static class CommitJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The bytes of <c>N.json</c>.</summary>
    public static ReadOnlyMemory<byte> Write(IEnumerable<DeltaAction> actions)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var json = new Utf8JsonWriter(buffer, Options);
        foreach (var action in actions)
        {
            json.Reset();
            json.WriteStartObject();
            Write(json, action);
            json.WriteEndObject();
            json.Flush();
            buffer.Write("\n"u8);
        }

        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter json, DeltaAction action)
    {
        switch (action)
        {
            case AddFile add: WriteAdd(json, add); break;
            case RemoveFile remove: WriteRemove(json, remove); break;
            case MetadataAction metadata: WriteMetadata(json, metadata); break;
            case CommitInfoAction info: WriteCommitInfo(json, info); break;
            case TxnAction txn:
                json.WriteStartObject("txn");
                json.WriteString("appId", txn.AppId);
                json.WriteNumber("version", txn.Version);
                WriteOptional(json, "lastUpdated", txn.LastUpdated);
                json.WriteEndObject();
                break;
            case ProtocolAction protocol:
                json.WriteStartObject("protocol");
                json.WriteNumber("minReaderVersion", protocol.MinReaderVersion);
                json.WriteNumber("minWriterVersion", protocol.MinWriterVersion);
                json.WriteEndObject();
                break;
            default:
                throw new ArgumentException($"{action.GetType().Name} is not written in commits", nameof(action));
        }
    }

    private static void WriteAdd(Utf8JsonWriter json, AddFile add)
    {
        json.WriteStartObject("add");
        json.WriteString("path", add.Path);
        WriteMap(json, "partitionValues", add.PartitionValues);
        json.WriteNumber("size", add.Size);
        json.WriteNumber("modificationTime", add.ModificationTime);
        json.WriteBoolean("dataChange", add.DataChange);
        if (add.Stats is not null)
        {
            json.WriteString("stats", add.Stats);
        }

        if (add.Tags is { Count: > 0 })
        {
            WriteMap(json, "tags", add.Tags);
        }

        json.WriteEndObject();
    }

    private static void WriteRemove(Utf8JsonWriter json, RemoveFile remove)
    {
        json.WriteStartObject("remove");
        json.WriteString("path", remove.Path);
        WriteOptional(json, "deletionTimestamp", remove.DeletionTimestamp);
        json.WriteBoolean("dataChange", remove.DataChange);
        json.WriteBoolean("extendedFileMetadata", remove.ExtendedFileMetadata);
        if (remove.PartitionValues is not null)
        {
            WriteMap(json, "partitionValues", remove.PartitionValues);
        }

        WriteOptional(json, "size", remove.Size);
        if (remove.DeletionVector is { } vector)
        {
            json.WriteStartObject("deletionVector");
            json.WriteString("storageType", vector.StorageType);
            json.WriteString("pathOrInlineDv", vector.PathOrInlineDv);
            WriteOptional(json, "offset", vector.Offset);
            json.WriteNumber("sizeInBytes", vector.SizeInBytes);
            json.WriteNumber("cardinality", vector.Cardinality);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteMetadata(Utf8JsonWriter json, MetadataAction metadata)
    {
        json.WriteStartObject("metaData");
        json.WriteString("id", metadata.Id);
        WriteOptional(json, "name", metadata.Name);
        WriteOptional(json, "description", metadata.Description);
        json.WriteStartObject("format");
        json.WriteString("provider", metadata.Provider);
        WriteMap(json, "options", metadata.FormatOptions);
        json.WriteEndObject();
        json.WriteString("schemaString", metadata.SchemaString);
        json.WriteStartArray("partitionColumns");
        foreach (var column in metadata.PartitionColumns)
        {
            json.WriteStringValue(column);
        }

        json.WriteEndArray();
        WriteMap(json, "configuration", metadata.Configuration);
        WriteOptional(json, "createdTime", metadata.CreatedTime);
        json.WriteEndObject();
    }

    private static void WriteCommitInfo(Utf8JsonWriter json, CommitInfoAction info)
    {
        json.WriteStartObject("commitInfo");
        json.WriteNumber("timestamp", info.Timestamp);
        json.WriteString("operation", info.Operation);
        WriteMap(json, "operationParameters", info.OperationParameters);
        WriteOptional(json, "readVersion", info.ReadVersion);
        WriteOptional(json, "isolationLevel", info.IsolationLevel);
        if (info.IsBlindAppend is { } blind)
        {
            json.WriteBoolean("isBlindAppend", blind);
        }

        WriteMap(json, "operationMetrics", info.OperationMetrics);
        WriteOptional(json, "engineInfo", info.EngineInfo);
        WriteOptional(json, "txnId", info.TxnId);
        json.WriteEndObject();
    }

    private static void WriteMap(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string?> map)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in map)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
