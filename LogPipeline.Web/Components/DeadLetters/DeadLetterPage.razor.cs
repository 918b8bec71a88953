using LogPipeline.Core.EventLog;
using LogPipeline.Core.Health;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Query;
using LogPipeline.Web.Components.Format;
using LogPipeline.Web.Components.State;
using LogPipeline.Web.DeadLetters;
using Microsoft.AspNetCore.Components;

namespace LogPipeline.Web.Components.DeadLetters;

/// <summary>Records that did not fit their stream: why, and the bytes as received.</summary>
/// <remarks>Search and page are in the URL. New records appear by themselves while the newest page is shown.</remarks>
public sealed partial class DeadLetterPage
{
    private const int PageSize = 100;
    private IReadOnlyList<DeadLetterRow>? rows;
    private DeadLetterRow? selected;
    private (string? Find, string? Before, long? Total)? shown;
    private DeadLetterReader? reader;
    private string? problem;
    private long? total;
    private bool started;
    private bool reading;

    /// <summary>Text that reason or field must have.</summary>
    [SupplyParameterFromQuery(Name = "find")]
    public string? Find { get; set; }

    /// <summary>Position that the page ends before; null for the newest page.</summary>
    [SupplyParameterFromQuery(Name = "before")]
    public string? Before { get; set; }

    [Inject]
    private IServiceProvider Services { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private BrowserTime Clock { get; set; } = null!;

    [Inject]
    private PageState State { get; set; } = null!;

    [Inject]
    private PageCommands Keys { get; set; } = null!;

    /// <inheritdoc/>
    protected override TimeSpan Period => TimeSpan.FromSeconds(1);

    private bool Available => reader is not null;

    private bool HasCriteria => !string.IsNullOrWhiteSpace(Find) || Before is not null;

    private IReadOnlyList<string> Commands =>
        [$"curl {Navigation.BaseUri.TrimEnd('/')}/api/ingest/{State.Stream} --json '{{\"status\":\"abc\",\"message\":\"a status that is not a number\"}}'"];

    private string Shown =>
        $"{Numbers.Count(rows!.Count)} shown, newest first{(string.IsNullOrWhiteSpace(Find) ? "" : " · with “" + Find + "”")}{(Before is null ? "" : " · before " + Before)}";

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        reader = DeadLetterReader.Create(Services);
        Keys.Pressed += OnKeyAsync;
        Clock.Changed += OnClock;
    }

    /// <inheritdoc/>
    protected override Task OnParametersSetAsync() => started ? LoadAsync() : Task.CompletedTask;

    /// <inheritdoc/>
    protected override async Task TickAsync()
    {
        started = true;
        total = ReadTotal();
        await LoadAsync();
        StateHasChanged();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Keys.Pressed -= OnKeyAsync;
        Clock.Changed -= OnClock;
    }

    private static string Address(string? find, string? before)
    {
        var find1 = string.IsNullOrWhiteSpace(find) ? null : "find=" + Uri.EscapeDataString(find);
        var before1 = before is null ? null : "before=" + Uri.EscapeDataString(before);
        var query = string.Join('&', new[] { find1, before1 }.OfType<string>());
        return query.Length == 0 ? "/dead-letters" : "/dead-letters?" + query;
    }

    // An earlier page never changes: only the newest is read again when there are more records.
    private async Task LoadAsync()
    {
        var wanted = (Find, Before, Before is null ? total : null);
        if (reader is null || shown == wanted)
        {
            return;
        }

        shown = wanted;
        EventPosition position = default;
        if (Before is not null && !EventPosition.TryParse(Before, out position))
        {
            problem = "The address names no position such as 0:1204331; this is the newest page.";
            Before = null;
        }

        try
        {
            var read = await reader.ReadAsync(State.Stream, PageSize, Before is null ? null : position, Find, withRaw: false, Gone);
            if (shown == wanted)
            {
                rows = read;
                problem = null;
            }
        }
        catch (Exception error) when (error is QueryException or LakeException or IOException)
        {
            // What was read before stays; the next tick tries again.
            problem = error.Message;
            shown = null;
        }
    }

    private long? ReadTotal()
    {
        try
        {
            return Services.GetService<IHealthSource>()?.Read(State.Stream).Conservation.DeadLettered ?? Services.GetService<LakeStatus>()?.Read(DeadLetterReader.Table)?.Rows;
        }
        catch (Exception error) when (error is ArgumentException or LakeException)
        {
            return null;
        }
    }

    private void OnSearch(ChangeEventArgs change) => Navigation.NavigateTo(Address(change.Value as string, null));

    private async Task OpenAsync(DeadLetterRow row)
    {
        if (row.Position == selected?.Position)
        {
            return;
        }

        selected = row;
        reading = true;
        try
        {
            var whole = await reader!.FindAsync(State.Stream, row.Position, Gone);
            if (selected?.Position == row.Position)
            {
                selected = whole ?? row;
            }
        }
        catch (Exception error) when (error is QueryException or LakeException or IOException)
        {
            problem = error.Message;
        }
        finally
        {
            reading = false;
        }
    }

    private void Close() => selected = null;

    private async Task MoveAsync(string key)
    {
        var at = rows is null || selected is null ? -1 : rows.ToList().FindIndex(row => row.Position == selected.Position);
        var next = at + (key == "j" ? 1 : -1);
        if (rows is not null && next >= 0 && next < rows.Count)
        {
            await OpenAsync(rows[next]);
        }
    }

    private Task OnKeyAsync(string key) => InvokeAsync(async () =>
    {
        if (key == "Escape")
        {
            Close();
        }
        else if (key is "j" or "k")
        {
            await MoveAsync(key);
        }

        StateHasChanged();
    });

    private void OnClock() => InvokeAsync(StateHasChanged);
}
