using System.Text.Json;

namespace LogPipeline.Core.Lake.Delta;

/// <summary>Reads the lines of a commit.</summary>
/// <remarks>Sample: <c>{"txn":{"appId":"logpipeline/web-logs/0d…/0","version":41,"lastUpdated":1767312000000}}</c>. Unknown actions and fields are ignored.</remarks>
internal static class ActionJson
{
    /// <summary>Reads every action of a commit file, or of a V2 checkpoint in JSON.</summary>
    /// <exception cref="LakeException">A line is not JSON, or an action lacks a field that it must have.</exception>
    public static List<DeltaAction> ReadFile(string path)
    {
        var actions = new List<DeltaAction>();
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            try
            {
                using var document = JsonDocument.Parse(line);
                if (Read(document.RootElement) is { } action)
                {
                    actions.Add(action);
                }
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
            {
                throw new LakeException($"{path}, line {number}: not a Delta action: {error.Message}", error);
            }
        }

        return actions;
    }

    /// <summary>The action of one line, or null for a kind that readers may ignore.</summary>
    public static DeltaAction? Read(JsonElement line)
    {
        foreach (var property in line.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            var value = property.Value;
            switch (property.Name)
            {
                case "add": return ReadAdd(value);
                case "remove": return ReadRemove(value);
                case "txn": return new TxnAction(Text(value, "appId"), value.GetProperty("version").GetInt64(), Long(value, "lastUpdated"));
                case "protocol": return ReadProtocol(value);
                case "metaData": return ReadMetadata(value);
                case "commitInfo": return ReadCommitInfo(value);
                case "sidecar": return new SidecarAction(Text(value, "path"));
                default: break;
            }
        }

        return null;
    }

    private static AddFile ReadAdd(JsonElement value) =>
        new(
            Text(value, "path"),
            Map(value, "partitionValues") ?? new Dictionary<string, string?>(),
            Long(value, "size") ?? 0,
            Long(value, "modificationTime") ?? 0,
            Bool(value, "dataChange") ?? true,
            Optional(value, "stats"))
        {
            Tags = Map(value, "tags"),
            DeletionVector = ReadDeletionVector(value),
        };

    private static RemoveFile ReadRemove(JsonElement value) =>
        new(Text(value, "path"), Long(value, "deletionTimestamp"), Bool(value, "dataChange") ?? true)
        {
            ExtendedFileMetadata = Bool(value, "extendedFileMetadata") ?? false,
            PartitionValues = Map(value, "partitionValues"),
            Size = Long(value, "size"),
            DeletionVector = ReadDeletionVector(value),
        };

    private static DeletionVector? ReadDeletionVector(JsonElement file) =>
        file.TryGetProperty("deletionVector", out var value) && value.ValueKind == JsonValueKind.Object
            ? new DeletionVector(
                Text(value, "storageType"),
                Text(value, "pathOrInlineDv"),
                (int?)Long(value, "offset"),
                (int)(Long(value, "sizeInBytes") ?? 0),
                Long(value, "cardinality") ?? 0)
            : null;

    private static ProtocolAction ReadProtocol(JsonElement value) =>
        new((int)(Long(value, "minReaderVersion") ?? 1), (int)(Long(value, "minWriterVersion") ?? 1))
        {
            ReaderFeatures = Strings(value, "readerFeatures"),
            WriterFeatures = Strings(value, "writerFeatures"),
        };

    private static MetadataAction ReadMetadata(JsonElement value)
    {
        var hasFormat = value.TryGetProperty("format", out var format) && format.ValueKind == JsonValueKind.Object;
        return new MetadataAction(Text(value, "id"), Text(value, "schemaString"), Strings(value, "partitionColumns") ?? [])
        {
            Name = Optional(value, "name"),
            Description = Optional(value, "description"),
            Provider = hasFormat ? Optional(format, "provider") ?? "parquet" : "parquet",
            FormatOptions = (hasFormat ? Map(format, "options") : null) ?? new Dictionary<string, string?>(),
            Configuration = Map(value, "configuration") ?? new Dictionary<string, string?>(),
            CreatedTime = Long(value, "createdTime"),
        };
    }

    private static CommitInfoAction ReadCommitInfo(JsonElement value) =>
        new(Long(value, "timestamp") ?? 0, Optional(value, "operation") ?? "")
        {
            OperationParameters = RawMap(value, "operationParameters"),
            OperationMetrics = RawMap(value, "operationMetrics"),
            ReadVersion = Long(value, "readVersion"),
            IsolationLevel = Optional(value, "isolationLevel"),
            IsBlindAppend = Bool(value, "isBlindAppend"),
            EngineInfo = Optional(value, "engineInfo"),
            TxnId = Optional(value, "txnId"),
            InCommitTimestamp = Long(value, "inCommitTimestamp"),
        };

    private static string Text(JsonElement value, string name) =>
        Optional(value, name) ?? throw new KeyNotFoundException($"field '{name}' is missing");

    private static string? Optional(JsonElement value, string name) =>
        value.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.String ? field.GetString() : null;

    private static long? Long(JsonElement value, string name) =>
        value.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.Number ? field.GetInt64() : null;

    private static bool? Bool(JsonElement value, string name) =>
        value.TryGetProperty(name, out var field) && field.ValueKind is JsonValueKind.True or JsonValueKind.False ? field.GetBoolean() : null;

    private static List<string>? Strings(JsonElement value, string name) =>
        value.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.Array
            ? [.. field.EnumerateArray().Select(one => one.GetString() ?? "")]
            : null;

    private static Dictionary<string, string?>? Map(JsonElement value, string name) =>
        value.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.Object
            ? field.EnumerateObject().ToDictionary(one => one.Name, one => one.Value.ValueKind == JsonValueKind.String ? one.Value.GetString() : null, StringComparer.Ordinal)
            : null;

    // Other writers put numbers and objects where the protocol asks for strings; history shows them as they are.
    private static Dictionary<string, string?> RawMap(JsonElement value, string name)
    {
        var map = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (value.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.Object)
        {
            foreach (var one in field.EnumerateObject())
            {
                map[one.Name] = one.Value.ValueKind == JsonValueKind.String ? one.Value.GetString() : one.Value.GetRawText();
            }
        }

        return map;
    }
}
