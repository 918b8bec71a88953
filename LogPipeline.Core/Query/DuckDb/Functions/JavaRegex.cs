using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>A Java regular expression that .NET runs with the same meaning.</summary>
/// <remarks>
/// Two translations are kept. Without line ends and surrogate pairs in the text, <c>.</c> and <c>$</c> are plain; with them,
/// <c>.</c> takes a pair as one and stops at every line end that Java knows, and <c>$</c> stands before the last of them.
/// </remarks>
internal sealed class JavaRegex
{
    private static readonly SearchValues<char> Peculiar = SearchValues.Create(
        "\n\r\u0085\u2028\u2029" + string.Concat(Enumerable.Range(0xD800, 0x800).Select(code => (char)code)));

    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(2);

    private readonly Regex plain;
    private readonly Lazy<Regex> full;

    private JavaRegex(string pattern, JavaRegexTranslation translation)
    {
        Groups = translation.Groups;
        GroupNames = translation.GroupNames;
        plain = Compile(pattern, translation.Text);
        full = new Lazy<Regex>(() => Compile(pattern, new JavaRegexTranslator(pattern, peculiar: true).Translate().Text));
    }

    /// <summary>Number of capturing groups.</summary>
    public int Groups { get; }

    /// <summary>Numbers of the named groups.</summary>
    public IReadOnlyDictionary<string, int> GroupNames { get; }

    public static JavaRegex Read(string pattern) => new(pattern, new JavaRegexTranslator(pattern, peculiar: false).Translate());

    /// <summary>The expression to use on a text.</summary>
    public Regex For(ReadOnlySpan<char> text) => text.ContainsAny(Peculiar) ? full.Value : plain;

    private static Regex Compile(string pattern, string translated)
    {
        try
        {
            return new Regex(translated, RegexOptions.CultureInvariant, MatchTimeout);
        }
        catch (ArgumentException)
        {
            throw JavaRegexTranslator.Malformed(pattern);
        }
    }
}

/// <summary>What a translation gives.</summary>
internal sealed record JavaRegexTranslation(string Text, int Groups, IReadOnlyDictionary<string, int> GroupNames);
