using System.Text.Json;
using Apache.Arrow;
using ParquetSharp;
using ParquetSharp.Arrow;
using ArrowField = Apache.Arrow.Field;
using ArrowSchema = Apache.Arrow.Schema;

namespace LogPipeline.Core.Lake.Delta;

/// <summary>What stands in a checkpoint: a copy of a state that stays as it is while commits go on.</summary>
internal sealed record CheckpointContent(
    long Version,
    ProtocolAction Protocol,
    MetadataAction Metadata,
    IReadOnlyList<TxnAction> Txns,
    IReadOnlyList<AddFile> Adds,
    IReadOnlyCollection<RemoveFile> Tombstones);

/// <summary>Writes classic (V1) checkpoints.</summary>
/// <remarks>
/// Every field is nullable: a required one makes the table unreadable for good. <c>commitInfo</c> and <c>remove.stats</c> are left out.
/// The file appears under its name whole, by rename, and only then <c>_last_checkpoint</c> names it.
/// </remarks>
internal static class CheckpointWriter
{
    private const int RowsAtOnce = 50_000;

    /// <summary>Writes the checkpoint and then <c>_last_checkpoint</c>.</summary>
    /// <returns>Bytes of the checkpoint.</returns>
    public static long Write(string logFolder, CheckpointContent content)
    {
        var name = LogFile.CheckpointName(content.Version);
        var temporary = Path.Combine(logFolder, $".{name}.{Guid.NewGuid():N}.tmp");
        WriteParquet(temporary, content);
        Durable.SyncFile(temporary);
        var size = new FileInfo(temporary).Length;
        Replace(temporary, Path.Combine(logFolder, name));
        Durable.SyncFolder(logFolder);
        WriteHint(logFolder, content, size);
        return size;
    }

    private static void WriteHint(string logFolder, CheckpointContent content, long size)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version", content.Version);
            json.WriteNumber("size", 2 + content.Txns.Count + content.Adds.Count + content.Tombstones.Count);
            json.WriteNumber("sizeInBytes", size);
            json.WriteNumber("numOfAddFiles", content.Adds.Count);
            json.WriteEndObject();
        }

        var temporary = Path.Combine(logFolder, $".{LogFile.LastCheckpoint}.{Guid.NewGuid():N}.tmp");
        Durable.WriteFile(temporary, buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
        Replace(temporary, Path.Combine(logFolder, LogFile.LastCheckpoint));
        Durable.SyncFolder(logFolder);
    }

    // A Hadoop side-car .NAME.crc holds checksums of the old content: left in place it would make Spark refuse the new one.
    private static void Replace(string temporary, string target)
    {
        File.Delete(Path.Combine(Path.GetDirectoryName(target)!, "." + Path.GetFileName(target) + ".crc"));
        new FileInfo(temporary).MoveTo(target, overwrite: true);
    }

    private static void WriteParquet(string path, CheckpointContent content)
    {
        using var properties = new WriterPropertiesBuilder().Compression(Compression.Zstd).CompressionLevel(1).Build();
        var empty = new CheckpointRows();
        using var file = new FileWriter(path, empty.Schema, properties);
        foreach (var rows in Chunks(content))
        {
            using var batch = rows.Build();
            file.WriteRecordBatch(batch);
        }

        file.Close();
    }

    private static IEnumerable<CheckpointRows> Chunks(CheckpointContent content)
    {
        var rows = new CheckpointRows();
        IEnumerable<DeltaAction> actions = [content.Protocol, content.Metadata, .. content.Txns];
        foreach (var action in actions.Concat(content.Adds).Concat(content.Tombstones))
        {
            rows.Append(action);
            if (rows.Length == RowsAtOnce)
            {
                yield return rows;
                rows = new CheckpointRows();
            }
        }

        if (rows.Length > 0)
        {
            yield return rows;
        }
    }
}

/// <summary>Rows of a checkpoint on their way to Parquet.</summary>
internal sealed class CheckpointRows
{
    private readonly TextField txnAppId = new("appId");
    private readonly LongField txnVersion = new("version");
    private readonly LongField txnUpdated = new("lastUpdated");

    private readonly TextField addPath = new("path");
    private readonly MapField addPartitionValues = new("partitionValues");
    private readonly LongField addSize = new("size");
    private readonly LongField addModificationTime = new("modificationTime");
    private readonly BoolField addDataChange = new("dataChange");
    private readonly TextField addStats = new("stats");
    private readonly MapField addTags = new("tags");

    private readonly TextField removePath = new("path");
    private readonly LongField removeTimestamp = new("deletionTimestamp");
    private readonly BoolField removeDataChange = new("dataChange");
    private readonly BoolField removeExtended = new("extendedFileMetadata");
    private readonly MapField removePartitionValues = new("partitionValues");
    private readonly LongField removeSize = new("size");

    private readonly TextField metadataId = new("id");
    private readonly TextField metadataName = new("name");
    private readonly TextField metadataDescription = new("description");
    private readonly TextField formatProvider = new("provider");
    private readonly MapField formatOptions = new("options");
    private readonly NestedField metadataFormat;
    private readonly TextField metadataSchema = new("schemaString");
    private readonly TextsField metadataPartitionColumns = new("partitionColumns");
    private readonly MapField metadataConfiguration = new("configuration");
    private readonly LongField metadataCreated = new("createdTime");

    private readonly IntField protocolReader = new("minReaderVersion");
    private readonly IntField protocolWriter = new("minWriterVersion");

    private readonly CheckpointColumn txn;
    private readonly CheckpointColumn add;
    private readonly CheckpointColumn remove;
    private readonly CheckpointColumn metadata;
    private readonly CheckpointColumn protocol;

    public CheckpointRows()
    {
        metadataFormat = new NestedField(new CheckpointColumn("format", formatProvider, formatOptions));
        txn = new CheckpointColumn("txn", txnAppId, txnVersion, txnUpdated);
        add = new CheckpointColumn("add", addPath, addPartitionValues, addSize, addModificationTime, addDataChange, addStats, addTags);
        remove = new CheckpointColumn("remove", removePath, removeTimestamp, removeDataChange, removeExtended, removePartitionValues, removeSize);
        metadata = new CheckpointColumn(
            "metaData", metadataId, metadataName, metadataDescription, metadataFormat, metadataSchema, metadataPartitionColumns, metadataConfiguration, metadataCreated);
        protocol = new CheckpointColumn("protocol", protocolReader, protocolWriter);
        Columns = [txn, add, remove, metadata, protocol];
        Schema = new ArrowSchema([.. Columns.Select(column => new ArrowField(column.Name, column.Type, nullable: true))], metadata: null);
    }

    public ArrowSchema Schema { get; }

    public int Length { get; private set; }

    private IReadOnlyList<CheckpointColumn> Columns { get; }

    public RecordBatch Build() => new(Schema, Columns.Select(column => column.Build()), Length);

    public void Append(DeltaAction action)
    {
        Length++;
        txn.Next(action is TxnAction);
        add.Next(action is AddFile);
        remove.Next(action is RemoveFile);
        metadata.Next(action is MetadataAction);
        protocol.Next(action is ProtocolAction);
        switch (action)
        {
            case TxnAction one:
                txnAppId.Append(one.AppId);
                txnVersion.Append(one.Version);
                txnUpdated.Append(one.LastUpdated);
                break;
            case AddFile one:
                addPath.Append(one.Path);
                addPartitionValues.Append(one.PartitionValues);
                addSize.Append(one.Size);
                addModificationTime.Append(one.ModificationTime);
                addDataChange.Append(false);
                addStats.Append(one.Stats);
                addTags.Append(one.Tags);
                break;
            case RemoveFile one:
                removePath.Append(one.Path);
                removeTimestamp.Append(one.DeletionTimestamp);
                removeDataChange.Append(false);
                removeExtended.Append(one.ExtendedFileMetadata);
                removePartitionValues.Append(one.PartitionValues);
                removeSize.Append(one.Size);
                break;
            case MetadataAction one:
                metadataId.Append(one.Id);
                metadataName.Append(one.Name);
                metadataDescription.Append(one.Description);
                metadataFormat.Append();
                formatProvider.Append(one.Provider);
                formatOptions.Append(one.FormatOptions);
                metadataSchema.Append(one.SchemaString);
                metadataPartitionColumns.Append(one.PartitionColumns);
                metadataConfiguration.Append(one.Configuration);
                metadataCreated.Append(one.CreatedTime);
                break;
            case ProtocolAction one:
                protocolReader.Append(one.MinReaderVersion);
                protocolWriter.Append(one.MinWriterVersion);
                break;
            default:
                throw new ArgumentException($"{action.GetType().Name} does not belong in a checkpoint", nameof(action));
        }
    }
}
