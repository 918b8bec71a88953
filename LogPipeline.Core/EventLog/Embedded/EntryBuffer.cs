using System.Buffers;

namespace LogPipeline.Core.EventLog.Embedded;

/// <summary>A growing rented array that is written as a stream; whoever holds it gives it back.</summary>
internal sealed class EntryBuffer : Stream
{
    private byte[] array;
    private int length;

    public EntryBuffer(int capacity) => array = ArrayPool<byte>.Shared.Rent(capacity);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => length;

    public override long Position
    {
        get => length;
        set => throw new NotSupportedException();
    }

    public Span<byte> Written => array.AsSpan(0, length);

    public Span<byte> Reserve(int count)
    {
        if (length + count > array.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(array.Length * 2, length + count));
            array.AsSpan(0, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(array);
            array = larger;
        }

        var span = array.AsSpan(length, count);
        length += count;
        return span;
    }

    public void PadTo8() => Reserve(EntryHeader.Padded(length) - length).Clear();

    public override void Write(ReadOnlySpan<byte> buffer) => buffer.CopyTo(Reserve(buffer.Length));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(array);
            array = [];
            length = 0;
        }

        base.Dispose(disposing);
    }
}
