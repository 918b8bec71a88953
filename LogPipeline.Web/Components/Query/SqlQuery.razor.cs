using System.Globalization;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Query;
using LogPipeline.Core.Query.Results;
using LogPipeline.Core.Query.SparkSql.Editor;
using LogPipeline.Core.Types;
using LogPipeline.Web.Components.Format;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;

namespace LogPipeline.Web.Components.Query;

/// <summary>Spark SQL over the tables: editor, result, tables and history. The URL holds the statement.</summary>
public sealed partial class SqlQuery
{
    /// <summary>On a line of its own, so that places in the statement keep their columns.</summary>
    private const string Explain = "EXPLAIN\n";
    private static readonly int[] Limits = [100, 1_000, 10_000, 100_000];
    private static readonly TimeSpan?[] Timeouts = [null, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30)];

    private SqlEditor? editor;
    private IReadOnlyList<TableSnapshot> tables = [];
    private IReadOnlyDictionary<string, StructType> schemas = new Dictionary<string, StructType>();
    private IReadOnlyList<QueryHistoryEntry> history = [];
    private QueryLink link = QueryLink.None;
    private string text = "SELECT timestamp, level, status, method, endpoint, response_time, source\nFROM delta_lake.logs\nORDER BY timestamp DESC";
    private int limit = 10_000;
    private TimeSpan? timeout;
    private string? chosen;
    private string side = "";
    private bool charted;
    private ChartChoice? choice;
    private IReadOnlyList<QueryColumn> drawnColumns = [];
    private RunningQuery? running;
    private ResultRows? rows;
    private QueryFailure? failure;
    private TimeSpan? cancelled;
    private string? problem;

    /// <inheritdoc/>
    protected override TimeSpan Period => TimeSpan.FromSeconds(1);

    [Inject]
    private QueryService Queries { get; set; } = null!;

    [Inject]
    private ITableCatalog Catalog { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    [Inject]
    private BrowserTime Clock { get; set; } = null!;

    private IReadOnlyList<string> Engines => Queries.State.Engines;

    private string Engine => chosen is not null && Engines.Contains(chosen) ? chosen : Engines[0];

    private bool IsPlan => rows?.Plan is not null;

    private bool IsOld => failure is not null || cancelled is not null || problem is not null || running is not null;

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        Navigation.LocationChanged += OnLocationChanged;
        Clock.Changed += OnClock;
        link = QueryLink.Read(Navigation.ToAbsoluteUri(Navigation.Uri));
        text = link.Sql ?? text;
        chosen = link.Engine;
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        await base.OnAfterRenderAsync(firstRender);
        if (firstRender && link is { Run: true, Sql: { } sql })
        {
            await RunTextAsync(sql, link.Plan);
        }
    }

    /// <inheritdoc/>
    protected override async Task TickAsync()
    {
        var found = new List<TableSnapshot>();
        foreach (var name in Catalog.Tables)
        {
            try
            {
                if (await Catalog.FindAsync(name, Gone) is { } table)
                {
                    found.Add(table);
                }
            }
            catch (LakeException)
            {
                // Health tells why a table cannot be read; the others are listed.
            }
        }

        var remembered = Queries.History.Entries;
        if (running is not null || !found.SequenceEqual(tables) || !remembered.SequenceEqual(history))
        {
            if (!found.SequenceEqual(tables))
            {
                tables = found;
                schemas = found.ToDictionary(table => table.Name, table => table.Schema, StringComparer.OrdinalIgnoreCase);
            }

            history = remembered;
            StateHasChanged();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Navigation.LocationChanged -= OnLocationChanged;
        Clock.Changed -= OnClock;
        running?.Cancel();
        running?.Dispose();
    }

    private void OnClock() => InvokeAsync(StateHasChanged);

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change)
    {
        var next = QueryLink.Read(Navigation.ToAbsoluteUri(change.Location));
        if (next == link || next.Sql is not { } sql)
        {
            return;
        }

        link = next;
        chosen = next.Engine;
        _ = InvokeAsync(() => next.Run ? RunTextAsync(sql, next.Plan) : LoadAsync(sql));
    }

    private void Changed(string typed)
    {
        text = typed;
        problem = null;
    }

    private void Show(string panel) => side = side == panel ? "" : panel;

    private Task InsertAsync(string name) => editor?.InsertAsync(name) ?? Task.CompletedTask;

    private async Task LoadAsync(string sql)
    {
        var loaded = sql.ReplaceLineEndings("\n");
        text = loaded;
        side = "";
        StateHasChanged();
        if (editor is not null)
        {
            await editor.SetAsync(loaded);
            // What the editor said before it had this text may have arrived meanwhile.
            text = loaded;
        }
    }

    private async Task ReadEditorAsync() => text = (editor is null ? null : await editor.ReadAsync()) ?? text;

    private async Task FormatAsync()
    {
        await ReadEditorAsync();
        await LoadAsync(SqlEditorService.Format(text));
    }

    private async Task ReplaceAsync(string sql)
    {
        await LoadAsync(sql);
        await RunAsync();
    }

    private Task ShowFaultAsync() => failure is { HasPlace: true } && editor is not null ? editor.ShowAsync(failure.Error.Line, failure.Error.Column) : Task.CompletedTask;

    private async Task RunTextAsync(string sql, bool asPlan)
    {
        await LoadAsync(sql);
        running?.Cancel();
        await ExecuteAsync(asPlan);
    }

    private Task RunAsync() => RunEditorAsync(asPlan: false);

    private Task ExplainAsync() => RunEditorAsync(asPlan: true);

    private async Task RunEditorAsync(bool asPlan)
    {
        if (running is null)
        {
            await ReadEditorAsync();
            await ExecuteAsync(asPlan);
        }
    }

    private void Cancel() => running?.Cancel();

    private string? OtherFor(QueryFailure failed) =>
        failed.HasPlace && failed.Error.ErrorClass != QueryException.UnsupportedClass ? null : Engines.FirstOrDefault(name => name != failed.Engine);

    private async Task AskOtherAsync(string engine)
    {
        chosen = engine;
        await RunEditorAsync(asPlan: false);
    }

    private async Task ExecuteAsync(bool asPlan)
    {
        problem = string.IsNullOrWhiteSpace(text) ? "There is no statement."
            : text.Length > SqlEditor.Longest ? $"A statement has at most {Numbers.Count(SqlEditor.Longest)} characters here."
            : null;
        if (problem is not null)
        {
            StateHasChanged();
            return;
        }

        var (sql, engine) = (text, Engine);
        var prefix = asPlan && !sql.TrimStart().StartsWith(Explain.Trim(), StringComparison.OrdinalIgnoreCase) ? Explain : "";
        using var run = new RunningQuery(Time, () => InvokeAsync(StateHasChanged), Gone);
        running = run;
        Navigate(sql, asPlan);
        StateHasChanged();
        try
        {
            // Reading and planning a statement takes the processor; the circuit stays free for Cancel.
            var result = await Task.Run(() => Queries.ExecuteAsync(prefix + sql, limit, timeout, engine, run, cancellationToken: run.Token), CancellationToken.None);
            if (running == run)
            {
                Take(new ResultRows(sql, result, Time.GetUtcNow()));
            }
        }
        catch (QueryException error) when (running == run)
        {
            var found = prefix.Length == 0 ? error : QueryFailure.Without(prefix, error);
            (failure, cancelled) = (new QueryFailure(sql, found, run.Elapsed) { Engine = engine }, null);
            await MarkAsync(failure);
        }
        catch (OperationCanceledException)
        {
            if (running == run)
            {
                (failure, cancelled) = (null, run.Elapsed);
            }
        }
        catch (QueryException)
        {
            // Another statement took its place.
        }
        finally
        {
            if (running == run)
            {
                running = null;
                history = Queries.History.Entries;
                StateHasChanged();
            }
        }
    }

    private void Take(ResultRows taken)
    {
        rows = taken;
        (failure, cancelled) = (null, null);
        var fresh = ChartChoice.Default(taken);
        var same = choice is not null && drawnColumns.SequenceEqual(taken.Result.Columns);
        drawnColumns = taken.Result.Columns;
        choice = same ? choice : fresh;
    }

    private async Task MarkAsync(QueryFailure found)
    {
        if (editor is not null && found.Error is { Start: >= 0 } error && found.Sql == text)
        {
            await editor.MarkAsync([new SqlDiagnostic(error.Start, Math.Max(1, error.Length), error.Line, error.Column, error.ErrorClass ?? "", error.Message, error.Suggestions)]);
        }
    }

    private void Navigate(string sql, bool asPlan)
    {
        link = new QueryLink(sql, true) { Engine = Engine == Engines[0] ? null : Engine, Plan = asPlan };
        var target = link.ToUrl();
        if (!Navigation.Uri.EndsWith(target, StringComparison.Ordinal))
        {
            link = QueryLink.Read(Navigation.ToAbsoluteUri(target));
            Navigation.NavigateTo(target, forceLoad: false, replace: true);
        }
    }

    private async Task ExportAsync(ResultFormat format)
    {
        if (rows is not { } exported)
        {
            return;
        }

        var csv = format == ResultFormat.Csv;
        var name = $"query-{Clock.At(exported.At).ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}.{(csv ? "csv" : "json")}";
        await using var bytes = new MemoryStream();
        await ResultWriter.WriteAsync(exported.Result, format, bytes, Gone);
        bytes.Position = 0;
        using var reference = new DotNetStreamReference(bytes, leaveOpen: true);
        var script = await Js.InvokeAsync<IJSObjectReference>("import", Gone, "/js/shell.js");
        await script.InvokeVoidAsync("downloadStream", Gone, name, csv ? "text/csv" : "application/json", reference);
        await script.DisposeAsync();
    }
}
