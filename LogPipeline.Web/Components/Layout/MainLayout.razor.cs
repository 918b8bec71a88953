using LogPipeline.Web.Components.Format;
using LogPipeline.Web.Components.State;
using LogPipeline.Web.Hosting;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;

namespace LogPipeline.Web.Components.Layout;

/// <summary>The frame of every page: app bar, rail, tabs on a phone, keys.</summary>
public sealed partial class MainLayout : IAsyncDisposable
{
    private ErrorBoundary? boundary;
    private IJSObjectReference? script;
    private DotNetObjectReference<MainLayout>? self;
    private bool helping;
    private IDisposable? visit;

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    [Inject]
    private BrowserTime Clock { get; set; } = null!;

    [Inject]
    private PageState State { get; set; } = null!;

    [Inject]
    private IServiceProvider Services { get; set; } = null!;

    [Inject]
    private PageCommands Commands { get; set; } = null!;

    /// <summary>A key was pressed outside of a text field.</summary>
    [JSInvokable]
    public async Task OnKey(string key)
    {
        if (key == "?")
        {
            helping = !helping;
            StateHasChanged();
        }
        else if (key == "Escape" && helping)
        {
            helping = false;
            StateHasChanged();
        }
        else
        {
            await Commands.PressAsync(key);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        State.Changed -= OnStateChanged;
        visit?.Dispose();
        self?.Dispose();
        if (script is not null)
        {
            try
            {
                await script.DisposeAsync();
            }
            catch (JSDisconnectedException)
            {
                // The page left first.
            }
        }
    }

    /// <inheritdoc/>
    protected override void OnInitialized() => State.Changed += OnStateChanged;

    /// <inheritdoc/>
    protected override void OnParametersSet() => boundary?.Recover();

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            visit = Services.GetService<WebClients>()?.OpenPage();
            self = DotNetObjectReference.Create(this);
            script = await Js.InvokeAsync<IJSObjectReference>("import", "/js/shell.js");
            var browser = await script.InvokeAsync<Browser>("start", self);
            Clock.SetZone(browser.Zone, browser.OffsetMinutes);
            Clock.SetUtc(browser.Utc);
            await script.InvokeVoidAsync("setUtc", browser.Utc);
            StateHasChanged();
        }
    }

    private async Task SetUtcAsync(bool utc)
    {
        Clock.SetUtc(utc);
        if (script is not null)
        {
            await script.InvokeVoidAsync("setUtc", utc);
        }
    }

    private void OnStateChanged() => InvokeAsync(StateHasChanged);

    private sealed record Browser(string? Zone, int OffsetMinutes, bool Utc, string? Origin);
}
