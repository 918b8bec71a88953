namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>Code points of UTF-8 text.</summary>
internal static class Utf8Text
{
    /// <summary>Bytes of the code point that begins with a byte.</summary>
    public static int Length(byte first) => first switch
    {
        < 0xC0 => 1,
        < 0xE0 => 2,
        < 0xF0 => 3,
        _ => 4,
    };

    public static int Count(ReadOnlySpan<byte> utf8)
    {
        var count = 0;
        foreach (var current in utf8)
        {
            count += (current & 0xC0) != 0x80 ? 1 : 0;
        }

        return count;
    }

    /// <summary>The place <paramref name="count"/> code points behind a place, or the end.</summary>
    public static int Skip(ReadOnlySpan<byte> utf8, int at, long count)
    {
        for (; count > 0 && at < utf8.Length; count--)
        {
            at += Length(utf8[at]);
        }

        return Math.Min(at, utf8.Length);
    }
}
