using System.Text;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>A LIKE pattern: <c>%</c> is any text, <c>_</c> one code point, the escape makes either of them, or itself, plain.</summary>
internal sealed class LikePattern
{
    private const int AnyText = -1;
    private const int AnyOne = -2;

    private readonly int[] tokens;

    private LikePattern(int[] tokens) => this.tokens = tokens;

    /// <summary>Reads <c>escape NUL pattern</c>.</summary>
    public static LikePattern Read(string escapeAndPattern)
    {
        var mark = escapeAndPattern.IndexOf('\0', StringComparison.Ordinal);
        var escape = mark == 0 ? -1 : Rune.GetRuneAt(escapeAndPattern, 0).Value;
        var pattern = escapeAndPattern[(mark + 1)..];
        var tokens = new List<int>();
        var runes = pattern.EnumerateRunes().Select(rune => rune.Value).ToArray();
        for (var index = 0; index < runes.Length; index++)
        {
            if (runes[index] == escape)
            {
                if (++index == runes.Length)
                {
                    throw SparkFailure.Of("INVALID_FORMAT.ESC_AT_THE_END", "42601", $"The format is invalid: '{pattern}'. The escape character is not allowed to end with.");
                }

                if (runes[index] is not ('_' or '%') && runes[index] != escape)
                {
                    throw SparkFailure.Of("INVALID_FORMAT.ESC_IN_THE_MIDDLE", "42601", $"The format is invalid: '{pattern}'. The escape character is not allowed to precede '{new Rune(runes[index])}'.");
                }

                tokens.Add(runes[index]);
            }
            else if (runes[index] != '%')
            {
                tokens.Add(runes[index] == '_' ? AnyOne : runes[index]);
            }
            else if (tokens.Count == 0 || tokens[^1] != AnyText)
            {
                tokens.Add(AnyText);
            }
        }

        return new LikePattern([.. tokens]);
    }

    /// <summary>Goes back to the last <c>%</c> only, so it takes at most text × pattern steps.</summary>
    public bool IsMatch(ReadOnlySpan<byte> utf8)
    {
        var at = 0;
        var token = 0;
        var resumeToken = -1;
        var resumeAt = 0;
        while (at < utf8.Length)
        {
            if (token < tokens.Length && tokens[token] == AnyText)
            {
                resumeToken = ++token;
                resumeAt = at;
                continue;
            }

            _ = Rune.DecodeFromUtf8(utf8[at..], out var rune, out var length);
            if (token < tokens.Length && (tokens[token] == AnyOne || tokens[token] == rune.Value))
            {
                at += length;
                token++;
                continue;
            }

            if (resumeToken < 0)
            {
                return false;
            }

            resumeAt += Utf8Text.Length(utf8[resumeAt]);
            at = resumeAt;
            token = resumeToken;
        }

        while (token < tokens.Length && tokens[token] == AnyText)
        {
            token++;
        }

        return token == tokens.Length;
    }
}
