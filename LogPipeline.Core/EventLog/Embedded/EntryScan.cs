using System.Runtime.CompilerServices;
using FASTER.core;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.EventLog.Embedded;

/// <summary>One reader's way through a log.</summary>
/// <remarks>
/// A truncated FASTER iterator jumps to the new begin in silence. Sequences are dense, so a reader knows what it must see
/// next: whatever is missing between that and what it finds is a gap, and is said to be one.
/// </remarks>
internal sealed class EntryScan(FasterLog log, SequenceIndex index, SchemaStore schemas, StreamDefinition stream, Func<long> begin, Func<long> end)
{
    public async IAsyncEnumerable<LogRead> ReadAsync(long next, bool follow, CancellationToken closing, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(closing, cancellationToken);
        var first = begin();
        if (next < first)
        {
            yield return Gap(next, first - 1);
            next = first;
        }

        var until = end();
        using var entries = new PageSkippingIterator(log, index.Find(next) ?? log.BeginAddress, new EntryMemoryPool(schemas.LongestBytes));
        while (true)
        {
            if (!follow && next >= until)
            {
                yield break;
            }

            if (!entries.TryNext(out var memory, out var length))
            {
                if (!follow && next >= end())
                {
                    yield break;
                }

                if (!await WaitAsync(entries, stop.Token, cancellationToken))
                {
                    yield break;
                }

                continue;
            }

            using var owner = memory;
            if (!EntryHeader.TryRead(owner.Memory.Span[..length], out var header) || header.End <= next)
            {
                continue;
            }

            // On the disk, and not yet counted by the writer that waits for the disk: nobody sees an event that the bounds do not have.
            while (header.End > end())
            {
                if (stop.IsCancellationRequested)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    yield break;
                }

                await Task.Yield();
            }

            if (header.First > next)
            {
                yield return Gap(next, header.First - 1);
                next = header.First;
            }

            if (!header.Matches(owner.Memory.Span[..length]))
            {
                yield return Gap(next, header.End - 1);
            }
            else if (header.Count > 0)
            {
                yield return new LogRead.Batch(Decode(header, owner, next));
            }

            next = header.End;
        }
    }

    private static LogRead.Gap Gap(long first, long last) => new(new EventRange(0, first, last));

    private static async Task<bool> WaitAsync(PageSkippingIterator entries, CancellationToken stop, CancellationToken asked)
    {
        try
        {
            return await entries.WaitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            asked.ThrowIfCancellationRequested();
            return false;
        }
    }

    private EventBatch Decode(in EntryHeader header, EntryMemory entry, long from)
    {
        var schema = header.Events == 0 ? [] : schemas.Find(header.Fingerprint)
            ?? throw new EventLogException($"The event log of '{stream.Name}' holds events of schema {header.Fingerprint:x16}, whose file is missing from its folder");
        return EntryReader.Decode(stream, header, entry, schema, from);
    }
}
