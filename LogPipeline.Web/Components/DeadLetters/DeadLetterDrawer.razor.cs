using LogPipeline.Web.Components.Format;
using LogPipeline.Web.DeadLetters;
using Microsoft.AspNetCore.Components;

namespace LogPipeline.Web.Components.DeadLetters;

/// <summary>One rejected record: every field, and its bytes as text where they are text.</summary>
public sealed partial class DeadLetterDrawer
{
    /// <summary>The record.</summary>
    [Parameter, EditorRequired]
    public DeadLetterRow Letter { get; set; } = null!;

    /// <summary>The stream it was sent to.</summary>
    [Parameter, EditorRequired]
    public string Stream { get; set; } = "";

    /// <summary>Whether its bytes are still being read.</summary>
    [Parameter]
    public bool Reading { get; set; }

    /// <summary>The drawer is to close.</summary>
    [Parameter]
    public EventCallback OnClose { get; set; }

    /// <summary>The next (j) or previous (k) record was asked for.</summary>
    [Parameter]
    public EventCallback<string> OnMove { get; set; }

    [Inject]
    private BrowserTime Clock { get; set; } = null!;

    private string? Text { get; set; }

    private string CopyLabel => Text is null ? "Copy hex" : "Copy text";

    private string Size => Letter.Raw is { } raw ? $"{Numbers.Count(raw.Length)} {(raw.Length == 1 ? "byte" : "bytes")}{(Text is null && raw.Length > 0 ? ", not UTF-8" : "")}" : "";

    private IEnumerable<(string Name, string Value)> Fields =>
    [
        ("stream", Stream),
        ("received_at", Clock.Full(Letter.ReceivedAtMicros)),
        ("source", Letter.Source ?? Numbers.None),
        ("field", Letter.Field ?? Numbers.None),
        ("reason", Letter.Reason ?? Numbers.None),
        ("position", Letter.Position.ToString()),
    ];

    /// <inheritdoc/>
    protected override void OnParametersSet() => Text = Letter.Text;
}
