using System.Globalization;
using LogPipeline.Core.Live;

namespace LogPipeline.Web.Rest;

/// <summary>The filter parameters that logs, events and metrics share; the same as in the URLs of pages.</summary>
/// <remarks>Sample: <c>?level=ERROR,WARN&amp;status=5xx&amp;endpoint!=/healthz&amp;attributes.region=eu&amp;q=time.*out&amp;regex=true</c>.</remarks>
internal static class FilterParameters
{
    private const string AttributePrefix = "attributes.";
    private static readonly string[] MetricFields = ["level", "source", "endpoint"];
    private static readonly string[] EventFields = [.. MetricFields, "method", "status"];

    /// <summary>Level, source and endpoint: what metrics can be filtered by.</summary>
    public static IReadOnlyList<ApiParameter> ForMetrics { get; } =
    [
        new("level", ParameterKind.Text, "Levels, separated by commas; level!= leaves them out.") { Example = "ERROR,WARN" },
        new("source", ParameterKind.Text, "A source; repeat it for more; source!= leaves it out.") { Example = "checkout" },
        new("endpoint", ParameterKind.Text, "An endpoint; repeat it for more; endpoint!= leaves it out.") { Example = "/api/cart" },
    ];

    /// <summary>Everything that events can be filtered by.</summary>
    public static IReadOnlyList<ApiParameter> ForEvents { get; } =
    [
        .. ForMetrics,
        new("status", ParameterKind.Text, "Status codes or classes, separated by commas; status!= leaves them out.") { Example = "5xx" },
        new("method", ParameterKind.Text, "Methods, separated by commas; method!= leaves them out.") { Example = "POST" },
        new("q", ParameterKind.Text, "Text to find in message, endpoint, source and attributes."),
        new("regex", ParameterKind.Switch, "Whether q is a regular expression."),
        new("case", ParameterKind.Switch, "Whether upper and lower case differ in q."),
        new(AttributePrefix + "*", ParameterKind.Text, "A field without a column of its own, such as attributes.region=eu."),
    ];

    /// <summary>Reads the filter of a request.</summary>
    public static EventFilter Read(QueryReader reader, bool metricsOnly = false)
    {
        var terms = new List<FilterTerm>();
        foreach (var field in metricsOnly ? MetricFields : EventFields)
        {
            var list = field is not ("source" or "endpoint");
            terms.AddRange(reader.Texts(field, list).Select(value => TermOf(reader, field, value, exclude: false)));
            terms.AddRange(reader.Texts(field + "!", list).Select(value => TermOf(reader, field, value, exclude: true)));
        }

        if (metricsOnly)
        {
            return new EventFilter(terms);
        }

        terms.AddRange(reader.WithPrefix(AttributePrefix).Select(pair => TermOf(reader, pair.Name.TrimEnd('!'), pair.Value, pair.Name.EndsWith('!'))));
        return new EventFilter(terms) { Text = reader.Text("q"), IsRegex = reader.Switch("regex"), MatchCase = reader.Switch("case") };
    }

    private static FilterTerm TermOf(QueryReader reader, string field, string value, bool exclude)
    {
        if (value.Length == 0)
        {
            reader.Wrong(field, "has an empty value");
        }

        switch (field)
        {
            case "level" or "method":
                return new FilterTerm(field, value.ToUpperInvariant(), exclude);
            case "status" when value is [>= '1' and <= '5', 'x' or 'X', 'x' or 'X']:
                return new FilterTerm("status_class", value.ToLowerInvariant(), exclude);
            case "status" when !int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var status) || status is < 100 or > 999:
                reader.Wrong("status", $"'{value}' is not a status such as 404 or a class such as 5xx");
                break;
            default:
                break;
        }

        return new FilterTerm(field, value, exclude);
    }
}
