using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace LogPipeline.Web.Components.State;

/// <summary>The view of one circuit. The URL is its only store: a change is a navigation, and what the URL says is what is shown.</summary>
internal sealed class PageState : IDisposable
{
    private readonly NavigationManager navigation;

    /// <summary>Reads the URL the circuit was opened with.</summary>
    public PageState(NavigationManager navigation)
    {
        this.navigation = navigation;
        Current = ViewStateUrl.Parse(navigation.ToAbsoluteUri(navigation.Uri).Query);
        navigation.LocationChanged += OnLocationChanged;
    }

    /// <summary>Tells that the view is another.</summary>
    public event Action? Changed;

    /// <summary>The view.</summary>
    public ViewState Current { get; private set; }

    /// <summary>The stream that the pages show.</summary>
    public string Stream { get; } = "web-logs";

    /// <summary>Path of the page, such as <c>/tail</c>.</summary>
    public string Path => navigation.ToAbsoluteUri(navigation.Uri).AbsolutePath;

    /// <summary>Shows another view on this page. Steps that nobody goes back to replace the entry of the browser's history.</summary>
    public void Apply(Func<ViewState, ViewState> change, bool replace = false)
    {
        var next = change(Current);
        var query = ViewStateUrl.Query(next);
        if (query != ViewStateUrl.Query(Current))
        {
            navigation.NavigateTo(Path + query, forceLoad: false, replace);
        }
    }

    /// <summary>Address of another page that keeps time range and filter.</summary>
    public string Link(string path) => path + ViewStateUrl.Query(new ViewState { Range = Current.Range, Filter = Current.Filter });

    /// <inheritdoc/>
    public void Dispose() => navigation.LocationChanged -= OnLocationChanged;

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change)
    {
        Current = ViewStateUrl.Parse(navigation.ToAbsoluteUri(change.Location).Query);
        Changed?.Invoke();
    }
}
