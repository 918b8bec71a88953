using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>Java regular expressions over texts.</summary>
internal static class RegexFunctions
{
    private static readonly Remembered<JavaRegex> Patterns = new(JavaRegex.Read);

    public static IReadOnlyList<ScalarFunction> All { get; } =
    [
        new(SparkFunctionNames.RegexpLike, [SqlType.Varchar, SqlType.Varchar], SqlType.Boolean, Guard(static (in call, row) =>
        {
            var text = call[0].Text(row);
            call.Result.Set(row, Pattern(in call, row).For(text).IsMatch(text));
        })),
        new(SparkFunctionNames.RegexpExtract, [SqlType.Varchar, SqlType.Varchar, SqlType.Integer], SqlType.Varchar, Guard(static (in call, row) =>
        {
            var text = call[0].Text(row);
            var pattern = Pattern(in call, row);
            var match = pattern.For(text).Match(text);
            if (match.Success)
            {
                call.Result.Set(row, match.Groups[CheckGroup(pattern, call[2].Get<int>(row), "regexp_extract")].Value);
            }
            else
            {
                call.Result.Set(row, "");
            }
        })),
        new(SparkFunctionNames.RegexpExtractAll, [SqlType.Varchar, SqlType.Varchar, SqlType.Integer], SqlType.VarcharList, Guard(static (in call, row) =>
        {
            var text = call[0].Text(row);
            var pattern = Pattern(in call, row);
            var found = new List<string>();
            for (var match = pattern.For(text).Match(text); match.Success; match = match.NextMatch())
            {
                found.Add(match.Groups[CheckGroup(pattern, call[2].Get<int>(row), "regexp_extract_all")].Value);
            }

            call.SetTexts(row, found);
        })),
        new(SparkFunctionNames.RegexpReplace, [SqlType.Varchar, SqlType.Varchar, SqlType.Varchar], SqlType.Varchar, Guard(static (in call, row) =>
            call.Result.Set(row, Replace(Pattern(in call, row), call[0].Text(row), call[2].Text(row))))),
        new(SparkFunctionNames.RegexpCount, [SqlType.Varchar, SqlType.Varchar], SqlType.Integer, Guard(static (in call, row) =>
        {
            var text = call[0].Text(row);
            call.Result.Set(row, Pattern(in call, row).For(text).Count(text));
        })),
        new(SparkFunctionNames.RegexpInstr, [SqlType.Varchar, SqlType.Varchar], SqlType.Integer, Guard(static (in call, row) =>
        {
            var text = call[0].Text(row);
            var match = Pattern(in call, row).For(text).Match(text);
            call.Result.Set(row, match.Success ? match.Index + 1 : 0);
        })),
        new(SparkFunctionNames.RegexpSubstr, [SqlType.Varchar, SqlType.Varchar], SqlType.Varchar, Guard(static (in call, row) =>
        {
            var text = call[0].Text(row);
            var match = Pattern(in call, row).For(text).Match(text);
            call.Result.Set(row, match.Length > 0 ? match.Value : null);
        })),
        new(SparkFunctionNames.Split, [SqlType.Varchar, SqlType.Varchar, SqlType.Integer], SqlType.VarcharList, Guard(static (in call, row) =>
            call.SetTexts(row, call[1].Utf8(row).IsEmpty
                ? Characters(call[0].Text(row), call[2].Get<int>(row))
                : Split(Pattern(in call, row), call[0].Text(row), call[2].Get<int>(row))))),
    ];

    private static JavaRegex Pattern(in FunctionCall call, int row) => Patterns.Get(call[1].Utf8(row));

    private static RowBody Guard(RowBody body) => (in call, row) =>
    {
        try
        {
            body(in call, row);
        }
        catch (RegexMatchTimeoutException)
        {
            throw SparkFailure.Of("EMBEDDED_ENGINE_FAILED", "57014", $"The regular expression '{call[1].Text(row)}' takes too long on one of the texts: it tries too many ways. Make it simpler.");
        }
    };

    private static int CheckGroup(JavaRegex pattern, int group, string function) =>
        group >= 0 && group <= pattern.Groups
            ? group
            : throw SparkFailure.Of("INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX", "22023", string.Create(
                CultureInfo.InvariantCulture,
                $"The value of parameter(s) `idx` in `{function}` is invalid: Expects group index between 0 and {pattern.Groups}, but got {group}."));

    /// <summary>The replacement is Java's: <c>$1</c> and <c>${name}</c> are groups, a backslash makes the next character plain.</summary>
    private static string Replace(JavaRegex pattern, string text, string replacement)
    {
        var match = pattern.For(text).Match(text);
        if (!match.Success)
        {
            return text;
        }

        var replaced = new StringBuilder();
        var copied = 0;
        for (; match.Success; match = match.NextMatch())
        {
            replaced.Append(text, copied, match.Index - copied);
            Expand(replaced, pattern, match, replacement);
            copied = match.Index + match.Length;
        }

        return replaced.Append(text, copied, text.Length - copied).ToString();
    }

    private static void Expand(StringBuilder target, JavaRegex pattern, Match match, string replacement)
    {
        for (var at = 0; at < replacement.Length; at++)
        {
            var current = replacement[at];
            if (current == '\\')
            {
                target.Append(++at < replacement.Length ? replacement[at] : throw Illegal(replacement));
            }
            else if (current == '$')
            {
                at++;
                target.Append(match.Groups[Group(pattern, replacement, ref at)].Value);
            }
            else
            {
                target.Append(current);
            }
        }
    }

    private static int Group(JavaRegex pattern, string replacement, ref int at)
    {
        if (at < replacement.Length && replacement[at] == '{')
        {
            var end = replacement.IndexOf('}', at);
            var name = end < 0 ? throw Illegal(replacement) : replacement[(at + 1)..end];
            at = end;
            return pattern.GroupNames.TryGetValue(name, out var named) ? named : throw Illegal(replacement);
        }

        if (at >= replacement.Length || !char.IsAsciiDigit(replacement[at]))
        {
            throw Illegal(replacement);
        }

        var group = replacement[at] - '0';
        while (at + 1 < replacement.Length && char.IsAsciiDigit(replacement[at + 1]) && (group * 10) + replacement[at + 1] - '0' <= pattern.Groups)
        {
            group = (group * 10) + replacement[++at] - '0';
        }

        return group <= pattern.Groups ? group : throw Illegal(replacement);
    }

    private static QueryException Illegal(string replacement) =>
        SparkFailure.Of("INVALID_PARAMETER_VALUE.PATTERN", "22023", $"The replacement '{replacement}' names a group that the regular expression does not have.");

    /// <summary>As Java's <c>String.split</c> with a limit: trailing empty texts stay, an empty match at the start gives nothing.</summary>
    private static List<string> Split(JavaRegex pattern, string text, int limit)
    {
        var parts = new List<string>();
        var start = 0;
        for (var match = pattern.For(text).Match(text); match.Success && (limit <= 0 || parts.Count < limit - 1); match = match.NextMatch())
        {
            if (match.Index == 0 && match.Length == 0)
            {
                continue;
            }

            parts.Add(text[start..match.Index]);
            start = match.Index + match.Length;
        }

        parts.Add(text[start..]);
        return parts;
    }

    /// <summary>An empty pattern splits between code points and leaves no empty text behind.</summary>
    private static List<string> Characters(string text, int limit)
    {
        var parts = new List<string>();
        var rest = text.AsSpan();
        while (rest.Length > 0 && (limit <= 0 || parts.Count < limit - 1))
        {
            var length = rest.Length > 1 && char.IsSurrogatePair(rest[0], rest[1]) ? 2 : 1;
            parts.Add(rest[..length].ToString());
            rest = rest[length..];
        }

        if (rest.Length > 0 || parts.Count == 0)
        {
            parts.Add(rest.ToString());
        }

        return parts;
    }
}
