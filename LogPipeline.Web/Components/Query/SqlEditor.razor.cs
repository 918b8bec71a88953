using LogPipeline.Core.Query.SparkSql.Editor;
using LogPipeline.Core.Types;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace LogPipeline.Web.Components.Query;

/// <summary>The editor of a statement: colours, completion, hover, and what is wrong at its place.</summary>
public sealed partial class SqlEditor : IAsyncDisposable
{
    /// <summary>Letters that a statement may have here.</summary>
    public const int Longest = 80_000;

    private const int MostCompletions = 400;

    private ElementReference host;
    private IJSObjectReference? script;
    private IJSObjectReference? editor;
    private DotNetObjectReference<SqlEditor>? self;
    private bool ready;
    private bool gone;

    /// <summary>The statement at the beginning; later ones come by <see cref="SetAsync"/>.</summary>
    [Parameter, EditorRequired]
    public string Text { get; set; } = "";

    /// <summary>The tables that completion knows, by their names in schema <c>delta_lake</c>.</summary>
    [Parameter]
    public IReadOnlyDictionary<string, StructType> Tables { get; set; } = new Dictionary<string, StructType>();

    /// <summary>The statement changed by typing.</summary>
    [Parameter]
    public EventCallback<string> OnChange { get; set; }

    /// <summary>The statement is to be run.</summary>
    [Parameter]
    public EventCallback OnSubmit { get; set; }

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    /// <summary>The browser's call after a pause in typing.</summary>
    [JSInvokable]
    public async Task<IReadOnlyList<SqlDiagnostic>> OnEdited(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        await OnChange.InvokeAsync(text);
        return text.Length > Longest ? [] : SqlEditorService.Diagnose(text, Tables);
    }

    /// <summary>The browser's question for what can stand at the caret.</summary>
    [JSInvokable]
    public IReadOnlyList<CompletionItem> Complete(string text, int caret)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length > Longest ? [] : [.. SqlEditorService.Complete(text, Math.Clamp(caret, 0, text.Length), Tables).Take(MostCompletions)];
    }

    /// <summary>The browser's question for the word under the pointer.</summary>
    [JSInvokable]
    public HoverText? Hover(string text, int offset)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length > Longest ? null : SqlEditorService.Hover(text, Math.Clamp(offset, 0, text.Length), Tables);
    }

    /// <summary>Ctrl+Enter.</summary>
    [JSInvokable]
    public Task OnRun() => OnSubmit.InvokeAsync();

    /// <summary>What the editor holds; null while it is not ready.</summary>
    public async Task<string?> ReadAsync() => editor is null ? null : await editor.InvokeAsync<string?>("text");

    /// <summary>Writes another statement; typing can be taken back to the one before.</summary>
    public Task SetAsync(string text) => CallAsync("set", text);

    /// <summary>Writes at the caret.</summary>
    public Task InsertAsync(string text) => CallAsync("insert", text);

    /// <summary>Marks what is wrong.</summary>
    public Task MarkAsync(IReadOnlyList<SqlDiagnostic> faults) => CallAsync("mark", faults);

    /// <summary>Puts the caret at a place, from 1.</summary>
    public Task ShowAsync(int line, int column) => CallAsync("show", line, column);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        gone = true;
        try
        {
            if (editor is not null)
            {
                await editor.InvokeVoidAsync("dispose");
                await editor.DisposeAsync();
            }

            if (script is not null)
            {
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
        if (!firstRender)
        {
            return;
        }

        try
        {
            self = DotNetObjectReference.Create(this);
            script = await Js.InvokeAsync<IJSObjectReference>("import", "/js/query.js");
            var given = Text;
            var made = await script.InvokeAsync<IJSObjectReference>("create", host, given, self);
            if (gone)
            {
                await made.InvokeVoidAsync("dispose");
                await made.DisposeAsync();
                return;
            }

            editor = made;
            ready = true;
            if (Text != given)
            {
                await SetAsync(Text);
            }

            StateHasChanged();
        }
        catch (JSDisconnectedException)
        {
            // The page left first.
        }
        catch (ObjectDisposedException) when (gone)
        {
            // The page left while the editor was loading.
        }
    }

    private async Task CallAsync(string name, params object?[] arguments)
    {
        if (editor is not null)
        {
            await editor.InvokeVoidAsync(name, arguments);
        }
    }
}
