using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace LogPipeline.Web.Components.Charts;

/// <summary>A chart over time. It is made once, after its place is laid out, and then only gets new values.</summary>
public sealed partial class AnalyticsChart : IAsyncDisposable
{
    private readonly string id = Guid.NewGuid().ToString("N");
    private ElementReference host;
    private IJSObjectReference? script;
    private DotNetObjectReference<AnalyticsChart>? self;
    private ChartConfig? drawnConfig;
    private ChartData? drawnData;
    private bool busy;
    private bool gone;

    /// <summary>What it shows besides its values. Another one draws the chart anew.</summary>
    [Parameter, EditorRequired]
    public ChartConfig Config { get; set; } = null!;

    /// <summary>Its values; null while there are none.</summary>
    [Parameter]
    public ChartData? Data { get; set; }

    /// <summary>What it says, for those who do not see it.</summary>
    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    /// <summary>A stretch of time was chosen: begin and end in seconds since 1970.</summary>
    [Parameter]
    public EventCallback<(long From, long To)> OnBrushed { get; set; }

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    /// <summary>The browser's side of <see cref="OnBrushed"/>.</summary>
    [JSInvokable]
    public Task OnBrush(double from, double to) => OnBrushed.InvokeAsync(((long)from, (long)to));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        gone = true;
        try
        {
            if (script is not null)
            {
                await script.InvokeVoidAsync("dispose", id);
                await script.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The page left first.
        }

        self?.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // One call at a time; what changed meanwhile is drawn after it, and only the newest of it.
        if (busy || gone)
        {
            return;
        }

        busy = true;
        try
        {
            while (!gone && Data is { } data && (data != drawnData || Config != drawnConfig))
            {
                await DrawAsync(data);
            }
        }
        catch (JSDisconnectedException)
        {
            // The page left first.
        }
        finally
        {
            busy = false;
        }
    }

    private async Task DrawAsync(ChartData data)
    {
        self ??= DotNetObjectReference.Create(this);
        script ??= await Js.InvokeAsync<IJSObjectReference>("import", "/js/charts.js");
        var fresh = Config != drawnConfig;
        drawnConfig = Config;
        drawnData = data;
        if (fresh)
        {
            await script.InvokeVoidAsync("create", id, host, Config, data, self);
        }
        else
        {
            await script.InvokeVoidAsync("update", id, data);
        }
    }
}
