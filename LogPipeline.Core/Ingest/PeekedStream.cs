using System.Buffers;

namespace LogPipeline.Core.Ingest;

/// <summary>A stream whose begin can be looked at before it is read.</summary>
internal sealed class PeekedStream : ForwardStream
{
    private readonly Func<Memory<byte>, CancellationToken, ValueTask<int>> readAsync;
    private readonly Func<byte[], int, int, int> read;
    private byte[] begin;
    private readonly int length;
    private int at;

    private PeekedStream(Stream inner, byte[] begin, int length)
    {
        readAsync = inner.ReadAsync;
        read = inner.Read;
        this.begin = begin;
        this.length = length;
    }

    /// <summary>The first bytes.</summary>
    public ReadOnlySpan<byte> Sample => begin.AsSpan(0, length);

    /// <summary>Reads until there is a sample, or the end.</summary>
    public static async Task<PeekedStream> ReadAsync(Stream inner, int sampleBytes, CancellationToken cancellationToken)
    {
        var begin = ArrayPool<byte>.Shared.Rent(sampleBytes);
        var length = 0;
        int count;
        do
        {
            count = await inner.ReadAsync(begin.AsMemory(length), cancellationToken);
            length += count;
        }
        while (count > 0 && length < begin.Length);

        return new PeekedStream(inner, begin, length);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var given = Math.Min(buffer.Length, length - at);
        if (given == 0)
        {
            return await readAsync(buffer, cancellationToken);
        }

        begin.AsMemory(at, given).CopyTo(buffer);
        at += given;
        return given;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var given = Math.Min(count, length - at);
        if (given == 0)
        {
            return read(buffer, offset, count);
        }

        begin.AsSpan(at, given).CopyTo(buffer.AsSpan(offset));
        at += given;
        return given;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && begin.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(begin);
            begin = [];
        }

        base.Dispose(disposing);
    }
}
