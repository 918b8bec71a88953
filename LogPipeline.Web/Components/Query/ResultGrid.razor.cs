using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web.Virtualization;

namespace LogPipeline.Web.Components.Query;

/// <summary>Rows as a table. Only those on the screen are drawn.</summary>
public sealed partial class ResultGrid
{
    private const int LongestShown = 500;
    private const int LongestHint = 2000;

    private ResultRows? drawn;
    private string template = "";
    private int level = -1;

    /// <summary>The rows.</summary>
    [Parameter, EditorRequired]
    public ResultRows Rows { get; set; } = null!;

    /// <summary>What they are, for those who do not see it.</summary>
    [Parameter]
    public string Label { get; set; } = "Result";

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (drawn == Rows)
        {
            return;
        }

        drawn = Rows;
        template = Rows.Template();
        level = Rows.Result.Columns.Select((column, index) => (column, index)).FirstOrDefault(pair => pair.column.Name == "level", (null!, -1)).index;
    }

    private ValueTask<ItemsProviderResult<int>> ProvideAsync(ItemsProviderRequest request)
    {
        var count = Math.Max(0, Math.Min(request.Count, Rows.Count - request.StartIndex));
        return ValueTask.FromResult(new ItemsProviderResult<int>(Enumerable.Range(request.StartIndex, count), Rows.Count));
    }

    private string? Class(int column, string? text) =>
        text is null ? (Rows.IsNumber(column) ? "null r" : "null")
        : Rows.IsNumber(column) ? "r"
        : column != level ? null
        : text switch
        {
            "ERROR" or "FATAL" => "bad",
            "WARN" => "warn",
            _ => null,
        };

    private static string Shown(string text) => text.Length <= LongestShown ? text : string.Concat(text.AsSpan(0, LongestShown), "…");

    private static string? Hint(string? text) => text is null || text.Length < 24 ? null : text.Length <= LongestHint ? text : string.Concat(text.AsSpan(0, LongestHint), "…");
}
