using Apache.Arrow;
using ParquetSharp.Arrow;

namespace LogPipeline.Core.Lake.Delta;

/// <summary>Reads checkpoints: classic ones, their parts, and V2 ones with their sidecars.</summary>
internal static class CheckpointReader
{
    private const string Sidecars = "_sidecars";

    // What replay needs; statistics parsed into columns (stats_parsed, partitionValues_parsed) are left out.
    private static readonly string[] Wanted =
    [
        "txn.", "metaData.", "protocol.", "sidecar.",
        "add.path", "add.partitionValues.", "add.size", "add.modificationTime", "add.dataChange", "add.stats", "add.tags.", "add.deletionVector.",
        "remove.path", "remove.deletionTimestamp", "remove.dataChange", "remove.extendedFileMetadata", "remove.partitionValues.", "remove.size", "remove.deletionVector.",
    ];

    /// <summary>The actions of one checkpoint file and of the sidecars that it names.</summary>
    public static List<DeltaAction> Read(string logFolder, string name)
    {
        var path = Path.Combine(logFolder, name);
        var actions = name.EndsWith(".json", StringComparison.Ordinal) ? ActionJson.ReadFile(path) : ReadParquet(path);
        foreach (var sidecar in actions.OfType<SidecarAction>().ToList())
        {
            actions.AddRange(ReadParquet(Path.Combine(logFolder, Sidecars, DeltaPath.KeyOf(sidecar.Path))));
        }

        return actions;
    }

    private static List<DeltaAction> ReadParquet(string path)
    {
        var actions = new List<DeltaAction>();
        using var file = new FileReader(path);
        var columns = WantedColumns(file);
        using var reader = file.GetRecordBatchReader(columns: columns);
        while (true)
        {
            using var batch = reader.ReadNextRecordBatchAsync().AsTask().GetAwaiter().GetResult();
            if (batch is null)
            {
                return actions;
            }

            ReadBatch(batch, actions);
        }
    }

    private static int[] WantedColumns(FileReader file)
    {
        var metadata = file.ParquetReader.FileMetaData;
        var columns = new List<int>();
        for (var column = 0; column < metadata.NumColumns; column++)
        {
            var name = metadata.Schema.Column(column).Path.ToDotString();
            if (Wanted.Any(wanted => wanted[^1] == '.' ? name.StartsWith(wanted, StringComparison.Ordinal) : name == wanted))
            {
                columns.Add(column);
            }
        }

        return [.. columns];
    }

    private static void ReadBatch(RecordBatch batch, List<DeltaAction> actions)
    {
        var add = StructColumn.Of(batch, "add");
        var remove = StructColumn.Of(batch, "remove");
        var txn = StructColumn.Of(batch, "txn");
        var protocol = StructColumn.Of(batch, "protocol");
        var metadata = StructColumn.Of(batch, "metaData");
        var sidecar = StructColumn.Of(batch, "sidecar");
        for (var row = 0; row < batch.Length; row++)
        {
            if (add?.Text("path", row) is { } addPath)
            {
                actions.Add(new AddFile(
                    addPath,
                    add.Map("partitionValues", row) ?? [],
                    add.Long("size", row) ?? 0,
                    add.Long("modificationTime", row) ?? 0,
                    add.Bool("dataChange", row) ?? false,
                    add.Text("stats", row))
                {
                    Tags = add.Map("tags", row),
                    DeletionVector = ReadDeletionVector(add.Struct("deletionVector"), row),
                });
            }
            else if (remove?.Text("path", row) is { } removePath)
            {
                actions.Add(new RemoveFile(removePath, remove.Long("deletionTimestamp", row), remove.Bool("dataChange", row) ?? false)
                {
                    ExtendedFileMetadata = remove.Bool("extendedFileMetadata", row) ?? false,
                    PartitionValues = remove.Map("partitionValues", row),
                    Size = remove.Long("size", row),
                    DeletionVector = ReadDeletionVector(remove.Struct("deletionVector"), row),
                });
            }
            else if (txn?.Text("appId", row) is { } appId)
            {
                actions.Add(new TxnAction(appId, txn.Long("version", row) ?? 0, txn.Long("lastUpdated", row)));
            }
            else if (protocol?.Long("minReaderVersion", row) is { } minReader)
            {
                actions.Add(new ProtocolAction((int)minReader, (int)(protocol.Long("minWriterVersion", row) ?? 1))
                {
                    ReaderFeatures = protocol.Texts("readerFeatures", row),
                    WriterFeatures = protocol.Texts("writerFeatures", row),
                });
            }
            else if (metadata?.Text("id", row) is { } id)
            {
                var format = metadata.Struct("format");
                actions.Add(new MetadataAction(id, metadata.Text("schemaString", row) ?? "", metadata.Texts("partitionColumns", row) ?? [])
                {
                    Name = metadata.Text("name", row),
                    Description = metadata.Text("description", row),
                    Provider = format?.Text("provider", row) ?? "parquet",
                    FormatOptions = format?.Map("options", row) ?? [],
                    Configuration = metadata.Map("configuration", row) ?? [],
                    CreatedTime = metadata.Long("createdTime", row),
                });
            }
            else if (sidecar?.Text("path", row) is { } sidecarPath)
            {
                actions.Add(new SidecarAction(sidecarPath));
            }
        }
    }

    private static DeletionVector? ReadDeletionVector(StructColumn? column, int row) =>
        column?.Text("storageType", row) is { } storage
            ? new DeletionVector(
                storage,
                column.Text("pathOrInlineDv", row) ?? "",
                (int?)column.Long("offset", row),
                (int)(column.Long("sizeInBytes", row) ?? 0),
                column.Long("cardinality", row) ?? 0)
            : null;
}
