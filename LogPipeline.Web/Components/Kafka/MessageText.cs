using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using LogPipeline.Web.Components.Format;

namespace LogPipeline.Web.Components.Kafka;

/// <summary>Bytes of a key, a header or a value as a person can read them: JSON with a member a line, text, or hexadecimal.</summary>
/// <param name="Kind">JSON, text, binary, empty or null.</param>
/// <param name="Text">The whole of it, with control characters made visible.</param>
/// <param name="Copy">What is copied: the text as it is, or all bytes in hexadecimal.</param>
internal sealed record MessageText(string Kind, string Text, string Copy)
{
    private const int PreviewLength = 240;
    private const int PreviewBytes = 24;

    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads bytes.</summary>
    /// <param name="bytes">At most what is kept of them; null for none.</param>
    /// <param name="isWhole">Whether they are all there.</param>
    public static MessageText Of(ReadOnlyMemory<byte>? bytes, bool isWhole = true)
    {
        if (bytes is not { } kept)
        {
            return new("null", "", "");
        }

        if (kept.IsEmpty)
        {
            return new("empty", "", "");
        }

        if (DecodeText(kept.Span, isWhole) is not { } text)
        {
            return new("binary", RawBytes.Dump(kept.Span), Convert.ToHexStringLower(kept.Span));
        }

        return isWhole && Indent(kept) is { } json ? new("JSON", RawBytes.Visible(json), json) : new("text", RawBytes.Visible(text), text);
    }

    /// <summary>The begin in one line, for a table: text, or <c>0x</c> and hexadecimal.</summary>
    public static string Preview(ReadOnlyMemory<byte>? bytes)
    {
        if (bytes is not { } kept)
        {
            return "";
        }

        // A character has at most four bytes, and the last one may be cut.
        var begin = kept.Span[..Math.Min(kept.Length, PreviewLength * 4)];
        if (DecodeText(begin, begin.Length == kept.Length) is not { } text)
        {
            return "0x" + Convert.ToHexStringLower(kept.Span[..Math.Min(kept.Length, PreviewBytes)]) + (kept.Length > PreviewBytes ? "…" : "");
        }

        var line = RawBytes.Visible(text.Length > PreviewLength ? text[..PreviewLength] : text).ReplaceLineEndings(" ").Replace('\t', ' ');
        return text.Length > PreviewLength || begin.Length < kept.Length ? line + "…" : line;
    }

    private static string? DecodeText(ReadOnlySpan<byte> bytes, bool isWhole)
    {
        if (!isWhole)
        {
            // The cut may go through a character: its first bytes at the end are left out.
            for (var back = 0; back < 3 && !Utf8.IsValid(bytes) && bytes.Length > 0; back++)
            {
                bytes = bytes[..^1];
            }
        }

        // NUL and the like in a text say that it is none.
        return Utf8.IsValid(bytes) && bytes.IndexOfAnyInRange<byte>(0, 8) < 0 ? Encoding.UTF8.GetString(bytes) : null;
    }

    private static string? Indent(ReadOnlyMemory<byte> bytes)
    {
        var first = bytes.Span.TrimStart(" \t\r\n"u8);
        if (first.IsEmpty || first[0] is not ((byte)'{' or (byte)'['))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(bytes);
            return JsonSerializer.Serialize(document.RootElement, Pretty);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
