using System.Text;

namespace LogPipeline.Core.Live;

/// <summary>A filter as it stands in the URL of a page or a request.</summary>
/// <remarks>
/// Sample: <c>level=ERROR&amp;level=WARN&amp;endpoint!=/healthz&amp;attributes.region=eu&amp;q=timeout&amp;regex=1&amp;case=1</c>.
/// <c>!</c> before the equals sign leaves values out. Names that another part of the page uses are passed as <c>reserved</c> and are not terms.
/// </remarks>
public static class EventFilterCodec
{
    /// <summary>Parameter of the text to find.</summary>
    public const string TextKey = "q";

    /// <summary>Parameter that makes the text a regular expression.</summary>
    public const string RegexKey = "regex";

    /// <summary>Parameter that tells upper and lower case apart in the text.</summary>
    public const string CaseKey = "case";

    /// <summary>Terms beyond this many are not read.</summary>
    public const int MaxTerms = 100;

    /// <summary>Writes a filter as a query string without its question mark; empty for a filter that takes everything.</summary>
    public static string ToQuery(EventFilter filter)
    {
        var query = new StringBuilder();
        foreach (var term in filter.Terms)
        {
            Append(query, Escape(term.Field) + (term.Exclude ? "!" : ""), term.Value);
        }

        if (!string.IsNullOrEmpty(filter.Text))
        {
            Append(query, TextKey, filter.Text);
        }

        if (filter.IsRegex)
        {
            Append(query, RegexKey, "1");
        }

        if (filter.MatchCase)
        {
            Append(query, CaseKey, "1");
        }

        return query.ToString();
    }

    /// <summary>Reads a filter from a query string, with or without its question mark.</summary>
    /// <param name="query">The query string, still escaped.</param>
    /// <param name="reserved">Parameters that are not terms, such as <c>limit</c> and <c>before</c>; null for none.</param>
    public static EventFilter FromQuery(string? query, IReadOnlySet<string>? reserved = null)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var part in (query ?? "").TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                pairs.Add(new(Unescape(part[..equals]), Unescape(part[(equals + 1)..])));
            }
        }

        return FromPairs(pairs, reserved);
    }

    /// <summary>Reads a filter from parameters that are already split and unescaped.</summary>
    /// <param name="pairs">Names (with a trailing <c>!</c> to exclude) and values.</param>
    /// <param name="reserved">Parameters that are not terms; null for none.</param>
    public static EventFilter FromPairs(IEnumerable<KeyValuePair<string, string>> pairs, IReadOnlySet<string>? reserved = null)
    {
        var terms = new List<FilterTerm>();
        string? text = null;
        var (regex, matchCase) = (false, false);
        foreach (var (name, value) in pairs)
        {
            switch (name)
            {
                case TextKey: text = value.Length == 0 ? null : value; break;
                case RegexKey: regex = IsOn(value); break;
                case CaseKey: matchCase = IsOn(value); break;
                default:
                    var exclude = name.EndsWith('!');
                    var field = exclude ? name[..^1] : name;
                    if (field.Length > 0 && terms.Count < MaxTerms && reserved?.Contains(field) != true)
                    {
                        terms.Add(new FilterTerm(field, value, exclude));
                    }

                    break;
            }
        }

        return terms.Count == 0 && text is null && !regex && !matchCase
            ? EventFilter.None
            : new EventFilter(terms) { Text = text, IsRegex = regex, MatchCase = matchCase };
    }

    private static bool IsOn(string value) => value is "1" or "true";

    private static void Append(StringBuilder query, string name, string value)
    {
        if (query.Length > 0)
        {
            query.Append('&');
        }

        query.Append(name).Append('=').Append(Escape(value));
    }

    /// <summary>Escapes all but what a query string may hold bare and what keeps it readable: <c>/api/users:7</c> stays as it is.</summary>
    private static string Escape(string text) =>
        Uri.EscapeDataString(text).Replace("%2F", "/", StringComparison.Ordinal).Replace("%3A", ":", StringComparison.Ordinal).Replace("%2C", ",", StringComparison.Ordinal);

    private static string Unescape(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
