using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>Parts of URLs, and form encoding.</summary>
internal static class UrlFunctions
{
    private static readonly Remembered<JavaRegex> Keys = new(key => JavaRegex.Read($"(&|^){key}=([^&]*)"));

    public static IReadOnlyList<ScalarFunction> All { get; } =
    [
        new(SparkFunctionNames.UrlEncode, [SqlType.Varchar], SqlType.Varchar, static (in call, row) => call.Result.Set(row, Encode(call[0].Utf8(row)))),
        new(SparkFunctionNames.UrlDecode, [SqlType.Varchar], SqlType.Varchar, static (in call, row) => call.Result.Set(row, Decode(call[0].Text(row)))) { CanFail = true },
        new(SparkFunctionNames.ParseUrl, [SqlType.Varchar, SqlType.Varchar], SqlType.Varchar, static (in call, row) =>
            call.Result.Set(row, Part(call[0].Text(row), call[1].Text(row)))) { CanFail = true },
        new(SparkFunctionNames.ParseUrlKey, [SqlType.Varchar, SqlType.Varchar, SqlType.Varchar], SqlType.Varchar, static (in call, row) =>
            call.Result.Set(row, QueryValue(call[0].Text(row), call[1].Text(row), call[2].Utf8(row)))) { CanFail = true },
        new(SparkFunctionNames.IsUrl, [SqlType.Varchar], SqlType.Boolean, static (in call, row) => call.Result.Set(row, JavaUri.TryParse(call[0].Text(row), out _))),
        new(SparkFunctionNames.TryParseUrl, [SqlType.Varchar, SqlType.Varchar], SqlType.Varchar, static (in call, row) =>
            call.Result.Set(row, JavaUri.TryParse(call[0].Text(row), out _) ? Part(call[0].Text(row), call[1].Text(row)) : null)),
        new(SparkFunctionNames.TryParseUrlKey, [SqlType.Varchar, SqlType.Varchar, SqlType.Varchar], SqlType.Varchar, static (in call, row) =>
            call.Result.Set(row, JavaUri.TryParse(call[0].Text(row), out _) ? QueryValue(call[0].Text(row), call[1].Text(row), call[2].Utf8(row)) : null)),
        new(SparkFunctionNames.TryUrlDecode, [SqlType.Varchar], SqlType.Varchar, static (in call, row) => call.Result.Set(row, TryDecode(call[0].Text(row)))),
    ];

    private static string Encode(ReadOnlySpan<byte> utf8)
    {
        var encoded = new StringBuilder(utf8.Length);
        foreach (var current in utf8)
        {
            var character = (char)current;
            if (char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '*' or '_')
            {
                encoded.Append(character);
            }
            else if (character == ' ')
            {
                encoded.Append('+');
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"%{current:X2}");
            }
        }

        return encoded.ToString();
    }

    private static string Decode(string text) => TryDecode(text)
        ?? throw SparkFailure.Of("CANNOT_DECODE_URL", "22546", $"The provided URL cannot be decoded: {text}. Please ensure that the URL is properly formatted and try again.");

    private static string? TryDecode(string text)
    {
        var decoded = new StringBuilder(text.Length);
        Span<byte> bytes = new byte[(text.Length / 3) + 1];
        for (var at = 0; at < text.Length;)
        {
            if (text[at] != '%')
            {
                decoded.Append(text[at] == '+' ? ' ' : text[at]);
                at++;
                continue;
            }

            var count = 0;
            for (; at < text.Length && text[at] == '%'; at += 3)
            {
                if (at + 3 > text.Length || !byte.TryParse(text.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[count++]))
                {
                    return null;
                }
            }

            decoded.Append(Encoding.UTF8.GetString(bytes[..count]));
        }

        return decoded.ToString();
    }

    private static string? Part(string url, string part)
    {
        if (!JavaUri.TryParse(url, out var parsed))
        {
            throw SparkFailure.Of("INVALID_URL", "22P02", $"The url is invalid: {url}. Use `try_parse_url` to tolerate invalid URL and return NULL instead.");
        }

        return part switch
        {
            "HOST" => parsed.Host,
            "PATH" => parsed.Path,
            "QUERY" => parsed.Query,
            "REF" => parsed.Fragment,
            "PROTOCOL" => parsed.Scheme,
            "FILE" => parsed.Query is null ? parsed.Path : $"{parsed.Path}?{parsed.Query}",
            "AUTHORITY" => parsed.Authority,
            "USERINFO" => parsed.UserInfo,
            _ => null,
        };
    }

    private static string? QueryValue(string url, string part, ReadOnlySpan<byte> key)
    {
        if (part != "QUERY" || Part(url, part) is not { } query)
        {
            return null;
        }

        try
        {
            var match = Keys.Get(key).For(query).Match(query);
            return match.Success ? match.Groups[2].Value : null;
        }
        catch (RegexMatchTimeoutException)
        {
            throw SparkFailure.Unsupported("The key of parse_url takes too long to find.");
        }
    }
}
