using Apache.Arrow;
using LogPipeline.Core.EventLog;
using ParquetSharp.Arrow;

namespace LogPipeline.Core.Lake.ByMinute;

/// <summary>Reads some columns of the rows that a table holds for ranges of positions.</summary>
/// <remarks>Files that cannot hold such rows are passed over by their statistics; the caller still looks at every row's position.</remarks>
internal static class RangeReader
{
    /// <summary>Reads batches that hold every row of the ranges, and others. A column that a file lacks is missing from its batches. Each batch is the reader's until the next one.</summary>
    public static IEnumerable<RecordBatch> Read(TableSnapshot table, IReadOnlyCollection<EventRange> ranges, IReadOnlyList<string> columns, CancellationToken cancellationToken)
    {
        foreach (var file in table.Files)
        {
            var bounds = OffsetBounds.Of(file);
            if (!ranges.Any(bounds.Overlaps))
            {
                continue;
            }

            using var reader = new FileReader(file.Path);
            using var batches = reader.GetRecordBatchReader(columns: IndexesOf(reader, columns));
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var batch = batches.ReadNextRecordBatchAsync(cancellationToken).AsTask().GetAwaiter().GetResult();
                if (batch is null)
                {
                    break;
                }

                yield return batch;
            }
        }
    }

    private static int[] IndexesOf(FileReader reader, IReadOnlyList<string> columns)
    {
        var metadata = reader.ParquetReader.FileMetaData;
        return [.. Enumerable.Range(0, metadata.NumColumns).Where(column => columns.Contains(metadata.Schema.Column(column).Path.ToDotString(), StringComparer.Ordinal))];
    }
}
