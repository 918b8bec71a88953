namespace LogPipeline.Core.Ingest;

/// <summary>Tells after each read how many bytes were read so far; the listener may refuse them by throwing.</summary>
internal sealed class CountedStream(Stream inner, Action<long> counted) : ForwardStream
{
    private long total;

    public override long Length => inner.Length;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(await inner.ReadAsync(buffer, cancellationToken));

    public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

    private int Count(int count)
    {
        total += count;
        counted(total);
        return count;
    }
}
