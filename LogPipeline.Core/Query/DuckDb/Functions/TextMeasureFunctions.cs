using System.IO.Hashing;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>Distances, sounds and check sums of texts.</summary>
internal static class TextMeasureFunctions
{
    /// <summary>The code of each letter from A: 0 for vowels, which part equal codes, and 7 for H and W, which do not.</summary>
    private const string SoundexCodes = "01230127022455012623017202";

    public static IReadOnlyList<ScalarFunction> All { get; } =
    [
        new(SparkFunctionNames.Levenshtein, [SqlType.Varchar, SqlType.Varchar], SqlType.Integer, static (in call, row) =>
            call.Result.Set(row, Levenshtein(call[0].Text(row), call[1].Text(row)))),
        new(SparkFunctionNames.Soundex, [SqlType.Varchar], SqlType.Varchar, static (in call, row) => call.Result.Set(row, Soundex(call[0].Text(row)))),
        new(SparkFunctionNames.Crc32, [SqlType.Blob], SqlType.BigInt, static (in call, row) => call.Result.Set(row, (long)Crc32.HashToUInt32(call[0].Utf8(row)))),
    ];

    private static int Levenshtein(string left, string right)
    {
        var a = left.EnumerateRunes().ToArray();
        var b = right.EnumerateRunes().ToArray();
        var row = new int[b.Length + 1];
        for (var index = 0; index < row.Length; index++)
        {
            row[index] = index;
        }

        for (var i = 0; i < a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i + 1;
            for (var j = 0; j < b.Length; j++)
            {
                var above = row[j + 1];
                row[j + 1] = Math.Min(Math.Min(above, row[j]) + 1, diagonal + (a[i] == b[j] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }

    private static string Soundex(string text)
    {
        if (text.Length == 0 || !char.IsAsciiLetter(text[0]))
        {
            return text;
        }

        Span<char> code = ['0', '0', '0', '0'];
        code[0] = char.ToUpperInvariant(text[0]);
        var used = 1;
        var last = SoundexCodes[code[0] - 'A'];
        foreach (var letter in text.AsSpan(1))
        {
            if (!char.IsAsciiLetter(letter))
            {
                last = '0';
                continue;
            }

            var next = SoundexCodes[char.ToUpperInvariant(letter) - 'A'];
            if (next == '7')
            {
                continue;
            }

            if (next != '0' && next != last)
            {
                code[used++] = next;
                if (used > 3)
                {
                    break;
                }
            }

            last = next;
        }

        return code.ToString();
    }
}
