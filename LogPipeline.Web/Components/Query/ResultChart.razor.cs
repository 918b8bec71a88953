using LogPipeline.Web.Components.Format;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace LogPipeline.Web.Components.Query;

/// <summary>A result as lines or bars.</summary>
public sealed partial class ResultChart : IAsyncDisposable
{
    private ElementReference host;
    private IJSObjectReference? script;
    private DrawnChart? drawn;
    private DrawnChart? sent;
    private (ResultRows Rows, ChartChoice? Choice, bool Utc) read;
    private bool gone;

    /// <summary>The rows.</summary>
    [Parameter, EditorRequired]
    public ResultRows Rows { get; set; } = null!;

    /// <summary>What is drawn; null when nothing can be.</summary>
    [Parameter]
    public ChartChoice? Choice { get; set; }

    /// <summary>Something else is to be drawn.</summary>
    [Parameter]
    public EventCallback<ChartChoice> ChoiceChanged { get; set; }

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    [Inject]
    private BrowserTime Clock { get; set; } = null!;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        gone = true;
        try
        {
            if (script is not null)
            {
                await script.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The page left first.
        }
    }

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (read != (Rows, Choice, Clock.Utc))
        {
            read = (Rows, Choice, Clock.Utc);
            drawn = Choice is null ? new DrawnChart("line", [], null, [], null) : DrawnChart.Read(Rows, Choice, Clock);
        }
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (drawn == sent || gone)
        {
            return;
        }

        sent = drawn;
        try
        {
            script ??= await Js.InvokeAsync<IJSObjectReference>("import", "/js/query.js");
            if (!gone)
            {
                await script.InvokeVoidAsync("chart", host, sent);
            }
        }
        catch (JSDisconnectedException)
        {
            // The page left first.
        }
    }

    private string Name(int column) => Rows.Result.Columns[column].Name;

    private Task Choose(ChartChoice choice) => ChoiceChanged.InvokeAsync(choice);

    private RenderFragment Menu(Func<int, bool> fits, int chosen, Func<int, ChartChoice> with) => builder =>
    {
        for (var index = 0; index < Rows.Result.Columns.Count; index++)
        {
            var column = index;
            if (!fits(column))
            {
                continue;
            }

            builder.OpenElement(0, "button");
            builder.AddAttribute(1, "type", "button");
            builder.AddAttribute(2, "aria-pressed", column == chosen ? "true" : "false");
            builder.AddAttribute(3, "onclick", EventCallback.Factory.Create(this, () => Choose(with(column))));
            builder.AddContent(4, Name(column));
            builder.CloseElement();
        }
    };
}
