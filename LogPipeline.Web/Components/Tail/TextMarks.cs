using System.Text.RegularExpressions;
using LogPipeline.Core.Live;

namespace LogPipeline.Web.Components.Tail;

/// <summary>Where a filter's text occurs in a message.</summary>
internal static class TextMarks
{
    private const int Most = 20;

    /// <summary>Finds begin and length of each occurrence; null for a filter without text.</summary>
    /// <remarks>A pattern that takes longer than 20 ms on a message leaves it unmarked: marking must not hold up the list.</remarks>
    public static Func<string, IReadOnlyList<int>?>? For(EventFilter filter)
    {
        if (string.IsNullOrEmpty(filter.Text))
        {
            return null;
        }

        if (!filter.IsRegex)
        {
            var comparison = filter.MatchCase ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
            return text => Plain(text, filter.Text, comparison);
        }

        var options = RegexOptions.CultureInvariant | (filter.MatchCase ? RegexOptions.None : RegexOptions.IgnoreCase);
        try
        {
            var regex = new Regex(filter.Text, options, TimeSpan.FromMilliseconds(20));
            return text => Pattern(text, regex);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static List<int>? Plain(string text, string wanted, StringComparison comparison)
    {
        List<int>? found = null;
        for (var at = text.IndexOf(wanted, comparison); at >= 0 && (found?.Count ?? 0) < Most * 2; at = text.IndexOf(wanted, at + wanted.Length, comparison))
        {
            (found ??= []).AddRange([at, wanted.Length]);
        }

        return found;
    }

    private static List<int>? Pattern(string text, Regex regex)
    {
        try
        {
            List<int>? found = null;
            for (var match = regex.Match(text); match.Success && (found?.Count ?? 0) < Most * 2; match = match.NextMatch())
            {
                if (match.Length > 0)
                {
                    (found ??= []).AddRange([match.Index, match.Length]);
                }
            }

            return found;
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }
}
