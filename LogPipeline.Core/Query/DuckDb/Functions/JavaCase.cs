using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>Upper and lower case with the letters that become several, as Java maps them.</summary>
/// <remarks>Source: Unicode's <c>SpecialCasing.txt</c>, without the conditions of single languages; and two letters that .NET leaves as they are.</remarks>
internal static class JavaCase
{
    private static readonly FrozenDictionary<char, string> Longer = LongerUpper();

    public static string Upper(string text)
    {
        var simple = text.ToUpperInvariant();
        if (Ascii.IsValid(text))
        {
            return simple;
        }

        var mapped = new StringBuilder();
        for (var index = 0; index < text.Length; index++)
        {
            mapped.Append(Longer.TryGetValue(text[index], out var longer) ? longer : simple[index].ToString());
        }

        return mapped.ToString();
    }

    public static string Lower(string text)
    {
        var simple = text.ToLowerInvariant();
        if (text.AsSpan().IndexOfAny('\u0130', '\u03A3') < 0)
        {
            return simple;
        }

        var mapped = new StringBuilder();
        for (var index = 0; index < text.Length; index++)
        {
            mapped.Append(text[index] switch
            {
                '\u0130' => "i\u0307",
                '\u03A3' when IsCased(text, index, -1) && !IsCased(text, index, 1) => "\u03C2",
                _ => simple[index].ToString(),
            });
        }

        return mapped.ToString();
    }

    /// <summary>Each word's first letter is upper case and the rest lower; only a space ends a word.</summary>
    public static string InitCap(string text)
    {
        var lower = Lower(text);
        var mapped = new StringBuilder(lower.Length);
        var first = true;
        for (var index = 0; index < lower.Length; index++)
        {
            var current = lower[index];
            if (first && char.IsHighSurrogate(current) && index + 1 < lower.Length)
            {
                mapped.Append(lower.Substring(index, 2).ToUpperInvariant());
                index++;
            }
            else
            {
                mapped.Append(first ? Title(current) : current.ToString());
            }

            first = current == ' ';
        }

        return mapped.ToString();
    }

    private static string Title(char letter) => letter switch
    {
        '\u01C4' or '\u01C5' or '\u01C6' => "\u01C5",
        '\u01C7' or '\u01C8' or '\u01C9' => "\u01C8",
        '\u01CA' or '\u01CB' or '\u01CC' => "\u01CB",
        '\u01F1' or '\u01F2' or '\u01F3' => "\u01F2",
        >= '\u10D0' and <= '\u10FF' => letter.ToString(),
        _ when Longer.TryGetValue(letter, out var longer) => longer[0] + longer[1..].ToLowerInvariant(),
        _ => char.ToUpperInvariant(letter).ToString(),
    };

    /// <summary>Whether the nearest character that is no mark is a letter with case: a final sigma follows one and precedes none.</summary>
    private static bool IsCased(string text, int index, int step)
    {
        for (index += step; index >= 0 && index < text.Length; index += step)
        {
            var category = char.GetUnicodeCategory(text[index]);
            if (category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol
                || text[index] is '\'' or '.' or ':' or '\u00B7' or '\u2019')
            {
                continue;
            }

            return category is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter;
        }

        return false;
    }

    private static FrozenDictionary<char, string> LongerUpper()
    {
        const string Table = "ı I|ſ S|ß SS|ŉ ʼN|ǰ J\u030C|ΐ Ι\u0308\u0301|ΰ Υ\u0308\u0301|և ԵՒ|ẖ H\u0331|ẗ T\u0308|ẘ W\u030A|ẙ Y\u030A|ẚ Aʾ|"
            + "ὐ Υ\u0313|ὒ Υ\u0313\u0300|ὔ Υ\u0313\u0301|ὖ Υ\u0313\u0342|ᾶ Α\u0342|ῆ Η\u0342|ῒ Ι\u0308\u0300|\u1FD3 Ι\u0308\u0301|ῖ Ι\u0342|"
            + "ῗ Ι\u0308\u0342|ῢ Υ\u0308\u0300|\u1FE3 Υ\u0308\u0301|ῤ Ρ\u0313|ῦ Υ\u0342|ῧ Υ\u0308\u0342|ῶ Ω\u0342|ﬀ FF|ﬁ FI|ﬂ FL|ﬃ FFI|ﬄ FFL|ﬅ ST|ﬆ ST|"
            + "ﬓ ՄՆ|ﬔ ՄԵ|ﬕ ՄԻ|ﬖ ՎՆ|ﬗ ՄԽ|ᾳ ΑΙ|ᾼ ΑΙ|ῃ ΗΙ|ῌ ΗΙ|ῳ ΩΙ|ῼ ΩΙ|ᾲ ᾺΙ|ᾴ ΆΙ|ῂ ῊΙ|ῄ ΉΙ|ῲ ῺΙ|ῴ ΏΙ|ᾷ Α\u0342Ι|ῇ Η\u0342Ι|ῷ Ω\u0342Ι";
        var longer = Table.Split('|').Select(entry => entry.Split(' ')).ToDictionary(entry => entry[0][0], entry => entry[1]);
        foreach (var (from, to) in new[] { ('\u1F80', '\u1F08'), ('\u1F88', '\u1F08'), ('\u1F90', '\u1F28'), ('\u1F98', '\u1F28'), ('\u1FA0', '\u1F68'), ('\u1FA8', '\u1F68') })
        {
            for (var index = 0; index < 8; index++)
            {
                longer[(char)(from + index)] = (char)(to + index) + "\u0399";
            }
        }

        return longer.ToFrozenDictionary();
    }
}
