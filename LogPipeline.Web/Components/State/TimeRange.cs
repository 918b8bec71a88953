using LogPipeline.Web.Components.Format;

namespace LogPipeline.Web.Components.State;

/// <summary>Which stretch of time a page shows: the last so many minutes, or from one instant to another.</summary>
/// <param name="Window">Its length.</param>
/// <param name="To">Its end; null while it moves with the present.</param>
internal sealed record TimeRange(TimeSpan Window, DateTimeOffset? To = null)
{
    /// <summary>What a page shows unless told otherwise.</summary>
    public static TimeRange Default { get; } = new(TimeSpan.FromMinutes(15));

    /// <summary>The choices of the menu. Live memory charts one hour; older times are asked of the table, on the query page.</summary>
    public static IReadOnlyList<TimeRange> Choices { get; } =
        [new(TimeSpan.FromMinutes(1)), new(TimeSpan.FromMinutes(5)), Default, new(TimeSpan.FromMinutes(30)), new(TimeSpan.FromHours(1))];

    /// <summary>Its begin, when its end is fixed.</summary>
    public DateTimeOffset? From => To - Window;

    /// <summary>Seconds of one bar: whole, and about ninety bars.</summary>
    public int BucketSeconds => Steps.First(step => step * 91 >= Window.TotalSeconds || step == Steps[^1]);

    /// <summary>Bars that cover it.</summary>
    public int Buckets => Math.Max(1, (int)Math.Ceiling(Window.TotalSeconds / BucketSeconds));

    private static int[] Steps { get; } = [1, 2, 5, 10, 20, 30, 40, 60];

    /// <summary>last 15 min, or 14:31:10 – 14:36:00.</summary>
    public string Text(BrowserTime time) => To is { } to
        ? $"{time.Second(to - Window)} – {time.Second(to)}"
        : $"last {Ages.Coarse(Window)}";
}
