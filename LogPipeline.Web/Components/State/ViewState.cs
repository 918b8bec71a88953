using LogPipeline.Core.EventLog;
using LogPipeline.Core.Live;

namespace LogPipeline.Web.Components.State;

/// <summary>What a page shows. All of it is in the URL, so a link or a reload brings the same view.</summary>
internal sealed record ViewState
{
    /// <summary>The stretch of time.</summary>
    public TimeRange Range { get; init; } = TimeRange.Default;

    /// <summary>Which events.</summary>
    public EventFilter Filter { get; init; } = EventFilter.None;

    /// <summary>The newest event shown when the tail was paused; null while it is live.</summary>
    public EventPosition? PausedAt { get; init; }

    /// <summary>The event whose detail is open.</summary>
    public EventPosition? Row { get; init; }

    /// <summary>Columns of the tail; null for the usual ones.</summary>
    public string? Columns { get; init; }

    /// <summary>Whether the shell is hidden, for a screen on the wall.</summary>
    public bool Kiosk { get; init; }

    /// <summary>The same view with one more condition; a condition on the same value is replaced.</summary>
    public ViewState With(FilterTerm term) => this with
    {
        Filter = Filter with { Terms = [.. Filter.Terms.Where(t => t.Field != term.Field || t.Value != term.Value), term] },
    };

    /// <summary>The same view without a condition.</summary>
    public ViewState Without(FilterTerm term) => this with { Filter = Filter with { Terms = [.. Filter.Terms.Where(t => t != term)] } };

    /// <summary>The same view with one value of a field, or with any when null.</summary>
    public ViewState WithOnly(string field, string? value) => this with
    {
        Filter = Filter with
        {
            Terms = value is null
                ? [.. Filter.Terms.Where(t => t.Field != field || t.Exclude)]
                : [.. Filter.Terms.Where(t => t.Field != field), new FilterTerm(field, value)],
        },
    };

    /// <summary>Whether a condition is set.</summary>
    public bool Has(FilterTerm term) => Filter.Terms.Contains(term);
}
