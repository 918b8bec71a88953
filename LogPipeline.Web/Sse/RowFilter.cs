using System.Text.RegularExpressions;
using LogPipeline.Core.Live;

namespace LogPipeline.Web.Sse;

/// <summary>Applies a filter to rows that are no longer in the live view's memory; means the same as the live view's.</summary>
internal sealed class RowFilter
{
    private readonly List<IGrouping<string, FilterTerm>> fields;
    private readonly EventFilter filter;
    private readonly Regex? pattern;

    /// <summary>Makes one.</summary>
    /// <exception cref="ArgumentException">The regular expression is wrong.</exception>
    public RowFilter(EventFilter filter)
    {
        this.filter = filter;
        fields = [.. filter.Terms.GroupBy(term => term.Field)];
        pattern = filter.IsRegex && !string.IsNullOrEmpty(filter.Text)
            ? new Regex(filter.Text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | (filter.MatchCase ? RegexOptions.None : RegexOptions.IgnoreCase))
            : null;
    }

    /// <summary>Whether a row passes.</summary>
    public bool Passes(LogRow row) => fields.TrueForAll(terms => Passes(row, terms)) && PassesText(row);

    private static bool Passes(LogRow row, IGrouping<string, FilterTerm> terms)
    {
        var value = ValueOf(row, terms.Key);
        var wanted = terms.Where(term => !term.Exclude).ToList();
        return !terms.Any(term => term.Exclude && term.Value == value) && (wanted.Count == 0 || wanted.Exists(term => term.Value == value));
    }

    private static string? ValueOf(LogRow row, string field) => field switch
    {
        "level" => row.Level,
        "source" => row.Source,
        "endpoint" => row.Endpoint,
        "method" => row.Method,
        "status" => row.Status?.ToString(System.Globalization.CultureInfo.InvariantCulture),
        "status_class" => row.Status is { } status ? $"{Math.Max(2, status / 100)}xx" : null,
        "message" => row.Message,
        _ when field.StartsWith("attributes.", StringComparison.Ordinal) => row.Attributes.FirstOrDefault(pair => pair.Key == field["attributes.".Length..]).Value,
        _ => row.Fields.FirstOrDefault(pair => pair.Key == field).Value,
    };

    private bool PassesText(LogRow row) =>
        string.IsNullOrEmpty(filter.Text)
        || Has(row.Message) || Has(row.Endpoint) || Has(row.Source) || row.Attributes.Any(pair => Has(pair.Value));

    private bool Has(string? text) => text is not null && (pattern is not null
        ? pattern.IsMatch(text)
        : text.Contains(filter.Text!, filter.MatchCase ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase));
}
