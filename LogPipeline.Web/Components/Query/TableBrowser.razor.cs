using LogPipeline.Core.Lake;
using LogPipeline.Web.Components.Format;
using Microsoft.AspNetCore.Components;

namespace LogPipeline.Web.Components.Query;

/// <summary>The tables with their size, version and columns.</summary>
public sealed partial class TableBrowser
{
    private readonly Dictionary<string, bool> opened = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The tables, each in its latest version.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<TableSnapshot> Tables { get; set; } = [];

    /// <summary>A name to be written at the caret.</summary>
    [Parameter]
    public EventCallback<string> OnPick { get; set; }

    /// <summary>The table of the stream is open at first, or the only one.</summary>
    private bool IsOpen(TableSnapshot table) => opened.TryGetValue(table.Name, out var open) ? open : table.Name == "logs" || Tables.Count == 1;

    private void Toggle(TableSnapshot table) => opened[table.Name] = !IsOpen(table);

    private static string Size(long bytes) => bytes < 1_000_000 ? $"{Numbers.Count((bytes + 999) / 1000)}\u00A0KB" : $"{Numbers.Megabytes(bytes)}\u00A0MB";

    /// <summary>map&lt;string,string&gt; is a map.</summary>
    private static string Short(string type) => type.IndexOf('<', StringComparison.Ordinal) is var at and > 0 ? type[..at] : type;
}
