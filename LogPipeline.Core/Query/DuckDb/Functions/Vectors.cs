using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>One argument of a function: the values of up to 2,048 rows, flat.</summary>
internal readonly unsafe struct InputVector(nint vector)
{
    private readonly byte* data = (byte*)Native.VectorData(vector);
    private readonly ulong* validity = Native.VectorValidity(vector);

    public bool IsNull(int row) => validity != null && (validity[row >> 6] & (1UL << (row & 63))) == 0;

    public T Get<T>(int row)
        where T : unmanaged => ((T*)data)[row];

    public bool Bool(int row) => data[row] != 0;

    /// <summary>
    /// The bytes of a VARCHAR or BLOB. DuckDB's value has 16 bytes: the length, then the text itself up to 12 bytes, or else
    /// four bytes of prefix and a pointer.
    /// </summary>
    public ReadOnlySpan<byte> Utf8(int row)
    {
        var value = data + ((long)row * 16);
        var length = *(int*)value;
        return length <= 12 ? new ReadOnlySpan<byte>(value + 4, length) : new ReadOnlySpan<byte>(*(byte**)(value + 8), length);
    }

    public string Text(int row) => Encoding.UTF8.GetString(Utf8(row));
}

/// <summary>The result of a function: room for the values of its rows.</summary>
internal unsafe struct OutputVector
{
    private readonly nint vector;
    private readonly byte* data;
    private ulong* validity;

    /// <summary>Elements of the lists written so far.</summary>
    private ulong elements;

    public OutputVector(nint vector)
    {
        this.vector = vector;
        data = (byte*)Native.VectorData(vector);
    }

    public void SetNull(int row)
    {
        if (validity == null)
        {
            Native.EnsureValidityWritable(vector);
            validity = Native.VectorValidity(vector);
        }

        validity[row >> 6] &= ~(1UL << (row & 63));
    }

    public readonly void Set<T>(int row, T value)
        where T : unmanaged => ((T*)data)[row] = value;

    public readonly void Set(int row, bool value) => data[row] = value ? (byte)1 : (byte)0;

    public readonly void Set(int row, ReadOnlySpan<byte> utf8)
    {
        fixed (byte* text = utf8)
        {
            byte none = 0;
            Native.AssignText(vector, (ulong)row, text == null ? &none : text, (ulong)utf8.Length);
        }
    }

    [SkipLocalsInit]
    public readonly void Set(int row, ReadOnlySpan<char> text)
    {
        const int onStack = 1_024;
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most <= onStack)
        {
            Span<byte> bytes = stackalloc byte[onStack];
            Set(row, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
            return;
        }

        var rented = ArrayPool<byte>.Shared.Rent(most);
        Set(row, rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Null for null.</summary>
    public void Set(int row, string? text)
    {
        if (text is null)
        {
            SetNull(row);
        }
        else
        {
            Set(row, text.AsSpan());
        }
    }

    /// <summary>Writes one row's list behind those of the rows before it.</summary>
    public void SetTexts(int row, IReadOnlyList<string> texts)
    {
        var start = elements;
        elements += (ulong)texts.Count;
        _ = Native.ListReserve(vector, elements);
        _ = Native.ListSetSize(vector, elements);
        var child = new OutputVector(Native.ListChild(vector));
        for (var index = 0; index < texts.Count; index++)
        {
            child.Set((int)start + index, texts[index].AsSpan());
        }

        ((ulong*)data)[row * 2] = start;
        ((ulong*)data)[(row * 2) + 1] = (ulong)texts.Count;
    }
}
