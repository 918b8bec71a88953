using System.Text;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>Parts, case and padding of texts. A character is a code point.</summary>
internal static class TextFunctions
{
    private static readonly Remembered<LikePattern> Likes = new(LikePattern.Read);

    public static IReadOnlyList<ScalarFunction> All { get; } =
    [
        new(SparkFunctionNames.Upper, [SqlType.Varchar], SqlType.Varchar, static (in call, row) => call.Result.Set(row, JavaCase.Upper(call[0].Text(row)))),
        new(SparkFunctionNames.Lower, [SqlType.Varchar], SqlType.Varchar, static (in call, row) => call.Result.Set(row, JavaCase.Lower(call[0].Text(row)))),
        new(SparkFunctionNames.InitCap, [SqlType.Varchar], SqlType.Varchar, static (in call, row) => call.Result.Set(row, JavaCase.InitCap(call[0].Text(row)))),
        new(SparkFunctionNames.Reverse, [SqlType.Varchar], SqlType.Varchar, static (in call, row) => call.Result.Set(row, Reverse(call[0].Utf8(row)))),
        new(SparkFunctionNames.Substring, [SqlType.Varchar, SqlType.Integer, SqlType.Integer], SqlType.Varchar, static (in call, row) =>
            call.Result.Set(row, Substring(call[0].Utf8(row), call[1].Get<int>(row), call[2].Get<int>(row)))),
        new(SparkFunctionNames.SubstringIndex, [SqlType.Varchar, SqlType.Varchar, SqlType.Integer], SqlType.Varchar, static (in call, row) =>
            call.Result.Set(row, SubstringIndex(call[0].Utf8(row), call[1].Utf8(row), call[2].Get<int>(row)))),
        new(SparkFunctionNames.SplitPart, [SqlType.Varchar, SqlType.Varchar, SqlType.Integer], SqlType.Varchar, static (in call, row) =>
            call.Result.Set(row, SplitPart(call[0].Utf8(row), call[1].Utf8(row), call[2].Get<int>(row)))),
        new(SparkFunctionNames.Lpad, [SqlType.Varchar, SqlType.Integer, SqlType.Varchar], SqlType.Varchar, static (in call, row) =>
            call.Result.Set(row, Pad(call[0].Text(row), call[1].Get<int>(row), call[2].Text(row), left: true))),
        new(SparkFunctionNames.Rpad, [SqlType.Varchar, SqlType.Integer, SqlType.Varchar], SqlType.Varchar, static (in call, row) =>
            call.Result.Set(row, Pad(call[0].Text(row), call[1].Get<int>(row), call[2].Text(row), left: false))),
        new(SparkFunctionNames.Like, [SqlType.Varchar, SqlType.Varchar, SqlType.Varchar], SqlType.Boolean, static (in call, row) =>
        {
            // The escape travels in front of the pattern, so that one text names both.
            Span<byte> key = stackalloc byte[512];
            var escape = call[2].Utf8(row);
            var pattern = call[1].Utf8(row);
            var length = escape.Length + 1 + pattern.Length;
            key = length <= key.Length ? key[..length] : new byte[length];
            escape.CopyTo(key);
            key[escape.Length] = 0;
            pattern.CopyTo(key[(escape.Length + 1)..]);
            call.Result.Set(row, Likes.Get(key).IsMatch(call[0].Utf8(row)));
        }),
    ];

    private static byte[] Reverse(ReadOnlySpan<byte> utf8)
    {
        var reversed = new byte[utf8.Length];
        var at = 0;
        while (at < utf8.Length)
        {
            var length = Math.Min(Utf8Text.Length(utf8[at]), utf8.Length - at);
            utf8.Slice(at, length).CopyTo(reversed.AsSpan(utf8.Length - at - length));
            at += length;
        }

        return reversed;
    }

    /// <summary>Positions are from 1, 0 is 1, negative ones are from the end; what lies outside is cut away.</summary>
    internal static ReadOnlySpan<byte> Substring(ReadOnlySpan<byte> utf8, int position, int length)
    {
        var start = position > 0 ? position - 1 : position < 0 ? Utf8Text.Count(utf8) + (long)position : 0;
        var end = Math.Clamp(start + length, int.MinValue, int.MaxValue);
        if (end <= start || start >= utf8.Length)
        {
            return [];
        }

        var from = Utf8Text.Skip(utf8, 0, start);
        return utf8[from..Utf8Text.Skip(utf8, from, end - Math.Max(start, 0))];
    }

    private static ReadOnlySpan<byte> SubstringIndex(ReadOnlySpan<byte> text, ReadOnlySpan<byte> delimiter, int count)
    {
        if (delimiter.IsEmpty || count == 0)
        {
            return [];
        }

        if (count > 0)
        {
            var at = -1;
            for (; count > 0; count--)
            {
                var next = at + 1 <= text.Length ? text[(at + 1)..].IndexOf(delimiter) : -1;
                if (next < 0)
                {
                    return text;
                }

                at += 1 + next;
            }

            return text[..at];
        }

        var last = text.Length - delimiter.Length + 1;
        for (; count < 0; count++)
        {
            var end = last - 1 + delimiter.Length;
            last = end >= delimiter.Length ? text[..Math.Min(end, text.Length)].LastIndexOf(delimiter) : -1;
            if (last < 0)
            {
                return text;
            }
        }

        return text[(last + delimiter.Length)..];
    }

    private static ReadOnlySpan<byte> SplitPart(ReadOnlySpan<byte> text, ReadOnlySpan<byte> delimiter, int part)
    {
        if (part == 0)
        {
            throw SparkFailure.Of("INVALID_INDEX_OF_ZERO", "22003", "The index 0 is invalid. An index shall be either < 0 or > 0 (the first element has index 1).");
        }

        if (delimiter.IsEmpty)
        {
            return part is 1 or -1 ? text : [];
        }

        if (part < 0)
        {
            part += text.Count(delimiter) + 2;
        }

        for (var index = 1; index <= part; index++)
        {
            var end = text.IndexOf(delimiter);
            if (index == part)
            {
                return end < 0 ? text : text[..end];
            }

            if (end < 0)
            {
                break;
            }

            text = text[(end + delimiter.Length)..];
        }

        return [];
    }

    private static string Pad(string text, int length, string pad, bool left)
    {
        var runes = text.EnumerateRunes().ToArray();
        if (length <= runes.Length || pad.Length == 0)
        {
            return string.Concat(runes.Take(Math.Max(length, 0)));
        }

        if (length > 10_000_000)
        {
            throw SparkFailure.Unsupported("The embedded engine pads to ten million characters at most.");
        }

        var padding = pad.EnumerateRunes().ToArray();
        var filled = new StringBuilder();
        for (var index = 0; index < length - runes.Length; index++)
        {
            filled.Append(padding[index % padding.Length]);
        }

        return left ? filled + text : text + filled;
    }
}
