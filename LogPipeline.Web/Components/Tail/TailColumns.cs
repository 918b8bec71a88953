namespace LogPipeline.Web.Components.Tail;

/// <summary>A column of the tail.</summary>
/// <param name="Key">Its field.</param>
/// <param name="Label">Its head.</param>
/// <param name="Width">Its share of a CSS grid.</param>
/// <param name="Extra">Whether its value travels apart from the usual ones.</param>
public sealed record TailColumn(string Key, string Label, string Width, bool Extra = false);

/// <summary>The columns that can be chosen.</summary>
internal static class TailColumns
{
    public static IReadOnlyList<TailColumn> All { get; } =
    [
        new("time", "Time", "100px"),
        new("level", "Level", "56px"),
        new("status", "Status", "56px"),
        new("method", "Method", "60px"),
        new("endpoint", "Endpoint", "var(--endpoint)"),
        new("response_time", "ms", "48px"),
        new("source", "Source", "100px"),
        new("user_id", "User", "110px", true),
        new("session_id", "Session", "130px", true),
        new("ip", "Address", "110px", true),
        new("bytes", "Bytes", "70px", true),
        new("trace_id", "Trace", "250px", true),
        new("referrer", "Referrer", "180px", true),
        new("user_agent", "Agent", "200px", true),
        new("message", "Message", "minmax(100px, 1fr)"),
    ];

    private static readonly string[] Usual = ["time", "level", "status", "method", "endpoint", "response_time", "source", "message"];

    /// <summary>The columns of a comma-separated choice, in their usual order; the usual ones for none. The time is always there.</summary>
    public static IReadOnlyList<TailColumn> Parse(string? choice)
    {
        var wanted = choice?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? Usual;
        var found = All.Where(column => column.Key == "time" || wanted.Contains(column.Key)).ToList();
        return found.Count > 1 ? found : Parse(null);
    }

    /// <summary>Writes a choice; null for the usual columns.</summary>
    public static string? Text(IReadOnlyList<TailColumn> columns)
    {
        var keys = columns.Select(column => column.Key).ToList();
        return keys.SequenceEqual(Usual) ? null : string.Join(',', keys);
    }
}
