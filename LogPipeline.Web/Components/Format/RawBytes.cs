using System.Globalization;
using System.Text;

namespace LogPipeline.Web.Components.Format;

/// <summary>Bytes as a person can read them.</summary>
internal static class RawBytes
{
    /// <summary>Bytes that are shown in hexadecimal at most; all of them can be copied.</summary>
    public const int Shown = 4096;

    private const int Line = 8;

    /// <summary>Lines of 8 bytes: <c>00000000  ff fe 41 00 61 62 63 0a  ..A.abc.</c>.</summary>
    public static string Dump(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        var end = Math.Min(bytes.Length, Shown);
        for (var start = 0; start < end; start += Line)
        {
            var line = bytes[start..Math.Min(start + Line, end)];
            text.Append(CultureInfo.InvariantCulture, $"{start:x8} ");
            foreach (var one in line)
            {
                text.Append(CultureInfo.InvariantCulture, $" {one:x2}");
            }

            text.Append(' ', ((Line - line.Length) * 3) + 2);
            foreach (var one in line)
            {
                text.Append(one is >= 0x20 and < 0x7F ? (char)one : '.');
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>A text whose control characters can be seen: ␀ for NUL; line ends and tabs stay.</summary>
    public static string Visible(string text) => string.Create(text.Length, text, static (shown, from) =>
    {
        for (var i = 0; i < from.Length; i++)
        {
            shown[i] = from[i] switch
            {
                '\n' or '\t' => from[i],
                < ' ' => (char)('\u2400' + from[i]),
                '\u007F' => '\u2421',
                (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') => '\uFFFD',
                _ => from[i],
            };
        }
    });
}
