using Apache.Arrow;
using Apache.Arrow.Types;
using LogPipeline.Core.Lake.Delta;
using ParquetSharp;
using ParquetSharp.Arrow;
using ArrowSchema = Apache.Arrow.Schema;

namespace LogPipeline.Core.Lake.Files;

/// <summary>Writes one data file from RecordBatches, and the <c>add</c> action that brings it into the table.</summary>
/// <remarks>
/// Rows that are all there are written column by column, texts as dictionaries of our own; rows that come bit by bit are added with <see cref="Write"/>.
/// zstd level 3. Columns whose values hardly repeat (numbers that count up, times) are delta-encoded instead of put in a dictionary.
/// Row groups hold at most a million rows, so that a reader can skip and two readers can share one file.
/// </remarks>
internal sealed class ParquetFile : IDisposable
{
    private const int ZstdLevel = 3;
    private const int RowGroupRows = 1 << 20;

    // Values that the encoder is given at a time: its checks between them cost as much as many values.
    private const int EncodedAtATime = 16 * 1024;
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
        : this(tableRoot, folder, schema, new HashSet<int>())
    {
    }

    private ParquetFile(string tableRoot, string folder, ArrowSchema schema, IReadOnlySet<int> withoutDictionary)
    {
        var name = $"part-00000-{Guid.NewGuid():D}-c000.zstd.parquet";
        relative = folder.Length == 0 ? name : folder + "/" + name;
        path = Path.Combine(tableRoot, folder, name);
        properties = PropertiesFor(schema, withoutDictionary);
        writer = new FileWriter(path, schema, properties);
        stats = new FileStats(schema);
    }

    /// <summary>Absolute path.</summary>
    public string FullPath => path;

    /// <summary>Rows written so far.</summary>
    public long Rows => stats.Rows;

    /// <summary>Writes a file of rows that are all there, at least one. The batches stay the caller's.</summary>
    /// <param name="tableRoot">The table's folder.</param>
    /// <param name="folder">As for a file that is started.</param>
    /// <param name="schema">Columns without the partition columns.</param>
    /// <param name="rows">All rows of the file.</param>
    public static ParquetFile Of(string tableRoot, string folder, ArrowSchema schema, IReadOnlyList<RecordBatch> rows)
    {
        var groups = RowGroup.Split(schema, rows, RowGroupRows);
        try
        {
            groups[0].FindDictionaries();
            var file = new ParquetFile(tableRoot, folder, schema, groups[0].PlainTexts);
            try
            {
                foreach (var group in groups)
                {
                    group.FindDictionaries();
                    group.WriteTo(file.writer);
                    group.Dispose();
                }

                foreach (var batch in rows)
                {
                    file.stats.Observe(batch);
                }

                return file;
            }
            catch
            {
                file.Discard();
                file.Dispose();
                throw;
            }
        }
        finally
        {
            groups.ForEach(group => group.Dispose());
        }
    }

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

    private static WriterProperties PropertiesFor(ArrowSchema schema, IReadOnlySet<int> withoutDictionary)
    {
        using var builder = new WriterPropertiesBuilder();
        builder.Compression(Compression.Zstd).CompressionLevel(ZstdLevel).CreatedBy(DeltaTable.EngineInfo)
            .MaxRowGroupLength(RowGroupRows).WriteBatchSize(EncodedAtATime);
        for (var index = 0; index < schema.FieldsList.Count; index++)
        {
            var field = schema.FieldsList[index];
            if (field.DataType is TimestampType or Int64Type)
            {
                builder.DisableDictionary(field.Name).Encoding(field.Name, ParquetSharp.Encoding.DeltaBinaryPacked);
            }
            else if (field.DataType is DoubleType || withoutDictionary.Contains(index))
            {
                builder.DisableDictionary(field.Name);
            }
        }

        return builder.Build();
    }
}
