using System.Globalization;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Live;
using Microsoft.AspNetCore.WebUtilities;

namespace LogPipeline.Web.Components.State;

/// <summary>A view as the query of a URL and back.</summary>
/// <remarks>
/// Sample: <c>?last=5m&amp;where=endpoint!=/healthz&amp;where=level=ERROR&amp;q=timed+out&amp;regex=1&amp;paused=0:1204331</c>.
/// What cannot be read is left out: an old or mistyped link still opens.
/// </remarks>
internal static class ViewStateUrl
{
    private const int LongestText = 1000;
    private const int MostTerms = 50;

    /// <summary>Reads a query, with or without its question mark.</summary>
    public static ViewState Parse(string? query)
    {
        var values = QueryHelpers.ParseQuery(query ?? "");
        return new ViewState
        {
            Range = Range(First("last"), First("from"), First("to")),
            Filter = new EventFilter([.. values.TryGetValue("where", out var where) ? where.Select(Term).OfType<FilterTerm>().Take(MostTerms) : []])
            {
                Text = First("q") is { Length: > 0 and <= LongestText } text ? text : null,
                IsRegex = First("regex") == "1",
                MatchCase = First("case") == "1",
            },
            PausedAt = Position(First("paused")),
            Row = Position(First("row")),
            Columns = First("columns") is { Length: > 0 and <= LongestText } columns ? columns : null,
            Kiosk = First("kiosk") == "1",
        };

        string? First(string name) => values.TryGetValue(name, out var found) ? found.FirstOrDefault() : null;
    }

    /// <summary>Writes the query, with its question mark; empty for the usual view.</summary>
    public static string Query(ViewState state)
    {
        var pairs = new List<KeyValuePair<string, string?>>();
        if (state.Range.To is { } to)
        {
            Add("from", Instant(to - state.Range.Window));
            Add("to", Instant(to));
        }
        else if (state.Range != TimeRange.Default)
        {
            Add("last", Span(state.Range.Window));
        }

        foreach (var term in state.Filter.Terms)
        {
            Add("where", term.Field + (term.Exclude ? "!=" : "=") + term.Value);
        }

        Add("q", state.Filter.Text);
        Add("regex", state.Filter.IsRegex ? "1" : null);
        Add("case", state.Filter.MatchCase ? "1" : null);
        Add("paused", state.PausedAt?.ToString());
        Add("row", state.Row?.ToString());
        Add("columns", state.Columns);
        Add("kiosk", state.Kiosk ? "1" : null);
        return pairs.Count == 0 ? "" : QueryHelpers.AddQueryString("", pairs);

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                pairs.Add(new(name, value));
            }
        }
    }

    /// <summary>Reads <c>field=value</c> or <c>field!=value</c>; null when it is neither.</summary>
    public static FilterTerm? Term(string? text)
    {
        var equals = text?.IndexOf('=', StringComparison.Ordinal) ?? -1;
        if (equals <= 0 || text!.Length > LongestText)
        {
            return null;
        }

        var exclude = text[equals - 1] == '!';
        var field = text[..(exclude ? equals - 1 : equals)].Trim();
        return field.Length == 0 ? null : new FilterTerm(field, text[(equals + 1)..].Trim(), exclude);
    }

    private static TimeRange Range(string? last, string? from, string? to)
    {
        if (Instant(from) is { } begin && Instant(to) is { } end && end > begin)
        {
            var window = end - begin;
            return new TimeRange(window > MaxWindow ? MaxWindow : window, end);
        }

        return Span(last) is { } span && span >= MinWindow && span <= MaxWindow ? new TimeRange(span) : TimeRange.Default;
    }

    private static TimeSpan MinWindow { get; } = TimeSpan.FromSeconds(10);

    private static TimeSpan MaxWindow { get; } = TimeSpan.FromHours(1);

    private static DateTimeOffset? Instant(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant) ? instant : null;

    private static string Instant(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString(instant.Millisecond == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static TimeSpan? Span(string? text)
    {
        if (text is not { Length: >= 2 and <= 8 } || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return null;
        }

        return text[^1] switch
        {
            's' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMinutes(count),
            'h' => TimeSpan.FromHours(count),
            _ => null,
        };
    }

    private static string Span(TimeSpan span) => span.TotalSeconds % 60 == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0}m")
        : string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0}s");

    private static EventPosition? Position(string? text) => EventPosition.TryParse(text, out var position) ? position : null;
}
