using System.Text.RegularExpressions;
using LogPipeline.Core.Live;
using LogPipeline.Web.Components.State;

namespace LogPipeline.Web.Components.Tail;

/// <summary>What was typed into the search field: <c>status = 503</c> or <c>endpoint != /healthz</c> is a condition, all else is text.</summary>
internal static partial class SearchText
{
    public static FilterTerm? Term(string text) => Condition().IsMatch(text) ? ViewStateUrl.Term(text.Replace("≠", "!=", StringComparison.Ordinal)) : null;

    [GeneratedRegex(@"^(level|source|endpoint|method|status|status_class|user_id|session_id|ip|user_agent|referrer|trace_id|span_id|attributes\.[\w.-]+)\s*(=|!=|≠)\s*\S", RegexOptions.CultureInvariant)]
    private static partial Regex Condition();
}
