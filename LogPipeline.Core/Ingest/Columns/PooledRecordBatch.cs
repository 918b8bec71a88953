using System.Buffers;
using Apache.Arrow;

namespace LogPipeline.Core.Ingest.Columns;

/// <summary>A RecordBatch over arrays of the shared pool, which take them back on <see cref="RecordBatch.Dispose()"/>.</summary>
/// <remarks>Invariant: nothing of the batch may be read after it is disposed; who wants to keep a part copies it first.</remarks>
internal sealed class PooledRecordBatch(Schema schema, IEnumerable<IArrowArray> columns, int length, List<byte[]> rented)
    : RecordBatch(schema, columns, length)
{
    private List<byte[]>? rented = rented;

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing && Interlocked.Exchange(ref rented, null) is { } arrays)
        {
            foreach (var array in arrays)
            {
                ArrayPool<byte>.Shared.Return(array);
            }
        }
    }
}
