using System.Diagnostics.CodeAnalysis;
using FASTER.core;

namespace LogPipeline.Core.EventLog.Embedded;

/// <summary>Goes through a log's records and, where FASTER cannot read on, through those from the next page.</summary>
/// <remarks>
/// Every page starts with a record, and <see cref="LogScan"/> ignores the rest of a page after a length that cannot be
/// right, so that both see the same records. The reader notices what was left out by the sequences.
/// </remarks>
internal sealed class PageSkippingIterator(FasterLog log, long address, EntryMemoryPool pool) : IDisposable
{
    private readonly int pageBits = log.UnsafeGetLogPageSizeBits();
    [SuppressMessage("Usage", "CA2213", Justification = "Dispose ends the iterator of the moment")]
    private FasterLogScanIterator iterator = log.Scan(address, long.MaxValue, recover: false);
    private long next = address;

    /// <summary>The next committed record; false while there is none.</summary>
    public bool TryNext([NotNullWhen(true)] out EntryMemory? record, out int length)
    {
        while (true)
        {
            try
            {
                if (!iterator.GetNext(pool, out var owner, out length, out _, out var following))
                {
                    record = null;
                    return false;
                }

                next = following;
                record = (EntryMemory)owner;
                return true;
            }
            catch (FasterException)
            {
                next = Math.Max(((next >> pageBits) + 1) << pageBits, log.BeginAddress);
                iterator.Dispose();
                iterator = log.Scan(next, long.MaxValue, recover: false);
            }
        }
    }

    /// <summary>Waits until there is a record; false when the log is closed.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => iterator.WaitAsync(cancellationToken);

    public void Dispose() => iterator.Dispose();
}
