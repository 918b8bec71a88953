using System.Globalization;
using LogPipeline.Core.Live;

namespace LogPipeline.Web.Rest;

/// <summary>The filter parameters that logs, events and metrics share.</summary>
/// <remarks>Sample: <c>?level=ERROR,WARN&amp;status=5xx&amp;endpoint=!/healthz&amp;attributes.region=eu&amp;q=time.*out&amp;regex=true</c>.</remarks>
internal static class FilterParameters
{
    private const string AttributePrefix = "attributes.";

    /// <summary>Level, source and endpoint: what metrics can be filtered by.</summary>
    public static IReadOnlyList<ApiParameter> ForMetrics { get; } =
    [
        new("level", ParameterKind.Text, "Levels, separated by commas; ! in front leaves one out.") { Example = "ERROR,WARN" },
        new("source", ParameterKind.Text, "Sources, separated by commas; ! in front leaves one out.") { Example = "checkout" },
        new("endpoint", ParameterKind.Text, "Endpoints, separated by commas; ! in front leaves one out.") { Example = "/api/cart" },
    ];

    /// <summary>Everything that events can be filtered by.</summary>
    public static IReadOnlyList<ApiParameter> ForEvents { get; } =
    [
        .. ForMetrics,
        new("status", ParameterKind.Text, "Status codes or classes, separated by commas; ! in front leaves one out.") { Example = "5xx" },
        new("method", ParameterKind.Text, "Methods, separated by commas; ! in front leaves one out.") { Example = "POST" },
        new("q", ParameterKind.Text, "Text to find in message, endpoint, source and attributes."),
        new("regex", ParameterKind.Switch, "Whether q is a regular expression."),
        new("matchCase", ParameterKind.Switch, "Whether upper and lower case differ in q."),
        new(AttributePrefix + "*", ParameterKind.Text, "A field without a column of its own, such as attributes.region=eu."),
    ];

    /// <summary>Reads the filter of a request.</summary>
    public static EventFilter Read(QueryReader reader, bool metricsOnly = false)
    {
        var terms = new List<FilterTerm>();
        foreach (var field in (string[])(metricsOnly ? ["level", "source", "endpoint"] : ["level", "source", "endpoint", "method", "status"]))
        {
            foreach (var value in reader.Texts(field))
            {
                terms.Add(TermOf(reader, field, value));
            }
        }

        if (metricsOnly)
        {
            return new EventFilter(terms);
        }

        terms.AddRange(reader.WithPrefix(AttributePrefix).Select(pair => TermOf(reader, pair.Name, pair.Value)));
        return new EventFilter(terms) { Text = reader.Text("q"), IsRegex = reader.Switch("regex"), MatchCase = reader.Switch("matchCase") };
    }

    private static FilterTerm TermOf(QueryReader reader, string field, string text)
    {
        var exclude = text.StartsWith('!');
        var value = exclude ? text[1..] : text;
        if (field is "level" or "method")
        {
            value = value.ToUpperInvariant();
        }
        else if (field == "status")
        {
            if (value is [>= '1' and <= '5', 'x' or 'X', 'x' or 'X'])
            {
                return new FilterTerm("status_class", value.ToLowerInvariant(), exclude);
            }

            if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var status) || status is < 100 or > 999)
            {
                reader.Wrong("status", $"'{value}' is not a status such as 404 or a class such as 5xx");
            }
        }

        if (value.Length == 0)
        {
            reader.Wrong(field, "has an empty value");
        }

        return new FilterTerm(field, value, exclude);
    }
}
