using Apache.Arrow;
using Apache.Arrow.Types;
using LogPipeline.Core.Lake.Delta;
using ParquetSharp;
using ParquetSharp.Arrow;
using ArrowSchema = Apache.Arrow.Schema;

namespace LogPipeline.Core.Lake.Files;

/// <summary>Writes one data file from RecordBatches, and the <c>add</c> action that brings it into the table.</summary>
/// <remarks>
/// zstd level 3. Columns whose values hardly repeat (numbers that count up, times) are delta-encoded instead of put in a dictionary.
/// Row groups hold at most a million rows, so that a reader can skip and two readers can share one file.
/// </remarks>
internal sealed class ParquetFile : IDisposable
{
    private const int ZstdLevel = 3;
    private const int RowGroupRows = 1 << 20;
    private readonly WriterProperties properties;
    private readonly FileWriter writer;
    private readonly FileStats stats;
    private readonly string path;
    private readonly string relative;

    /// <summary>Starts a file.</summary>
    /// <param name="tableRoot">The table's folder.</param>
    /// <param name="folder">Folder of the partition relative to it, Hive-escaped and existing; empty without partitions.</param>
    /// <param name="schema">Columns without the partition columns.</param>
    public ParquetFile(string tableRoot, string folder, ArrowSchema schema)
    {
        var name = $"part-00000-{Guid.NewGuid():D}-c000.zstd.parquet";
        relative = folder.Length == 0 ? name : folder + "/" + name;
        path = Path.Combine(tableRoot, folder, name);
        properties = PropertiesFor(schema);
        writer = new FileWriter(path, schema, properties);
        stats = new FileStats(schema);
    }

    /// <summary>Absolute path.</summary>
    public string FullPath => path;

    /// <summary>Rows written so far.</summary>
    public long Rows => stats.Rows;

    /// <summary>Adds rows. The batch stays the caller's.</summary>
    public void Write(RecordBatch batch)
    {
        stats.Observe(batch);
        writer.WriteBufferedRecordBatch(batch);
    }

    /// <summary>Ends the file; it is not synced yet.</summary>
    public AddFile Finish(IReadOnlyDictionary<string, string?> partitionValues, DateTimeOffset now, bool dataChange)
    {
        writer.Close();
        using var reader = new ParquetFileReader(path);
        return new AddFile(
            DeltaPath.Encode(relative), partitionValues, new FileInfo(path).Length, now.ToUnixTimeMilliseconds(), dataChange, stats.ToJson(reader));
    }

    /// <summary>Removes the file again.</summary>
    public void Discard()
    {
        writer.Dispose();
        File.Delete(path);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        writer.Dispose();
        properties.Dispose();
    }

    private static WriterProperties PropertiesFor(ArrowSchema schema)
    {
        using var builder = new WriterPropertiesBuilder();
        builder.Compression(Compression.Zstd).CompressionLevel(ZstdLevel).CreatedBy(DeltaTable.EngineInfo).MaxRowGroupLength(RowGroupRows);
        foreach (var field in schema.FieldsList)
        {
            if (field.DataType is TimestampType or Int64Type)
            {
                builder.DisableDictionary(field.Name).Encoding(field.Name, ParquetSharp.Encoding.DeltaBinaryPacked);
            }
            else if (field.DataType is DoubleType)
            {
                builder.DisableDictionary(field.Name);
            }
        }

        return builder.Build();
    }
}
