using System.Buffers;

namespace LogPipeline.Core.Ingest;

/// <summary>Reads an input piece by piece, parses it, and hands over each batch; the next one is parsed while one is being appended.</summary>
/// <remarks>Memory is bounded by two batches and one piece, however long the input is. Batches are handed over in order, one at a time.</remarks>
internal sealed class BatchPump(EventParser parser, IngestOptions options)
{
    private const int PieceBytes = 1 << 20;

    /// <summary>Runs to the end of the input, or until a batch is not taken.</summary>
    /// <param name="input">Bytes.</param>
    /// <param name="origin">Origin of the batch that was just parsed.</param>
    /// <param name="takeAsync">Takes a batch and owns it; false to stop.</param>
    /// <param name="endIsLast">Whether a last line without its end is a record; otherwise it is left for later.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>Whether the end was reached.</returns>
    public async Task<bool> RunAsync(
        Stream input, Func<BatchOrigin?> origin, Func<ParsedBatch, Task<bool>> takeAsync, bool endIsLast, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        var filled = 0;
        var ended = false;
        var taking = Task.FromResult(true);
        try
        {
            while (true)
            {
                if (!ended && filled < buffer.Length)
                {
                    var count = await input.ReadAsync(buffer.AsMemory(filled), cancellationToken);
                    ended = count == 0;
                    filled += count;
                }

                var consumed = parser.Parse(buffer.AsSpan(0, filled), ended && endIsLast);
                buffer.AsSpan(consumed, filled - consumed).CopyTo(buffer);
                filled -= consumed;
                var done = ended && (filled == 0 || (consumed == 0 && !parser.IsFull));
                if (parser.IsFull || (done && parser.Count > 0))
                {
                    if (!await taking)
                    {
                        return false;
                    }

                    taking = takeAsync(parser.Take(origin()));
                }

                if (done && parser.Count == 0)
                {
                    return await taking;
                }

                if (consumed == 0 && filled == buffer.Length)
                {
                    buffer = Grow(buffer, filled);
                }
            }
        }
        finally
        {
            await Task.WhenAny(taking);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private byte[] Grow(byte[] buffer, int filled)
    {
        // The parser takes in any line that is longer than the limit, so twice the limit always suffices.
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(buffer.Length * 2, Math.Max(buffer.Length, options.MaxEventBytes * 2) + PieceBytes));
        buffer.AsSpan(0, filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
