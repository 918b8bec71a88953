using LogPipeline.Core.Health;
using LogPipeline.Core.Lake;
using LogPipeline.Web.Components.Format;
using Microsoft.AspNetCore.Components;

namespace LogPipeline.Web.Components.Health;

/// <summary>One table: what it is made of, and its upkeep with a dry run before anything is changed.</summary>
public sealed partial class DeltaPanel
{
    private string? confirm;
    private string? optimizeText;
    private string? vacuumText;
    private bool optimizing;
    private bool vacuuming;

    /// <summary>The table.</summary>
    [Parameter, EditorRequired]
    public TableFacts Table { get; set; } = null!;

    /// <summary>The present, for ages.</summary>
    [Parameter, EditorRequired]
    public DateTimeOffset Now { get; set; }

    /// <summary>How it is.</summary>
    [Parameter, EditorRequired]
    public HealthState State { get; set; }

    /// <summary>Who writes it.</summary>
    [Parameter]
    public string Writer { get; set; } = "this host";

    [Inject]
    private IServiceProvider Services { get; set; } = null!;

    private LakeMaintenance? Maintenance => Services.GetService<LakeMaintenance>();

    private IReadOnlyList<KeyValuePair<string, string>> Facts
    {
        get
        {
            var status = Table.Status!;
            return
            [
                new("Version", Numbers.Count(status.Version)),
                new("Last commit", Ages.Text(Now - status.CommittedAt) + " ago"),
                new("Rows", Numbers.Count(status.Rows)),
                new("Commit p99", status.CommitP99Ms is { } p99 ? Numbers.Ms(p99) + "\u00A0ms" : Numbers.None),
                new("Files", Numbers.Count(status.Files)),
                new("Small files", Numbers.Count(status.SmallFiles)),
                new("Size", FileSize.Text(status.SizeBytes)),
                new("Checkpoint", status.CheckpointVersion < 0 ? "none yet" : $"version {Numbers.Count(status.CheckpointVersion)}"),
                new("Kept", Table.FirstVersion is { } first ? $"{Numbers.Count(first)}–{Numbers.Count(status.Version)}" : Numbers.None),
                new("Writer", Writer),
            ];
        }
    }

    private static string Files(int count) => count == 1 ? "1 file" : $"{Numbers.Count(count)} files";

    private async Task<bool> PlanOptimizeAsync()
    {
        var any = false;
        optimizeText = await SayAsync(async lake =>
        {
            var plan = await lake.PlanOptimizeAsync(Table.Name, CancellationToken.None);
            any = plan.Files > 0;
            return any
                ? $"Dry run: {Files(plan.Files)}, {FileSize.Text(plan.SizeBytes)} become {Numbers.Count(plan.Results)}."
                : "Dry run: nothing to merge.";
        });
        return any;
    }

    private async Task AskOptimizeAsync()
    {
        confirm = null;
        if (await PlanOptimizeAsync())
        {
            confirm = "optimize";
        }
    }

    private async Task OptimizeAsync()
    {
        confirm = null;
        optimizing = true;
        try
        {
            optimizeText = await SayAsync(async lake =>
            {
                var done = await lake.OptimizeAsync(Table.Name, CancellationToken.None);
                return done.Version is { } version
                    ? $"Done: {Files(done.FilesRemoved)} became {Numbers.Count(done.FilesAdded)}, {FileSize.Text(done.BytesAdded)}, in {Ages.Text(done.Elapsed)}; version {Numbers.Count(version)}."
                    : "Nothing was left to merge.";
            });
        }
        finally
        {
            optimizing = false;
        }
    }

    private async Task AskVacuumAsync()
    {
        confirm = null;
        if (await VacuumAsync(dryRun: true))
        {
            confirm = "vacuum";
        }
    }

    private async Task<bool> VacuumAsync(bool dryRun)
    {
        confirm = null;
        vacuuming = true;
        var any = false;
        try
        {
            vacuumText = await SayAsync(async lake =>
            {
                var result = await lake.VacuumAsync(Table.Name, retention: null, dryRun, force: false, CancellationToken.None);
                any = result.Files.Count > 0;
                return (any, dryRun) switch
                {
                    (false, _) => "Dry run: no file is unused beyond the table's retention.",
                    (true, true) => $"Dry run: {Files(result.Files.Count)} that no kept version names, {FileSize.Text(result.SizeBytes)}.",
                    _ => $"Done: {Files(result.Files.Count)} deleted, {FileSize.Text(result.SizeBytes)}.",
                };
            });
        }
        finally
        {
            vacuuming = false;
        }

        return any;
    }

    private async Task<string> SayAsync(Func<LakeMaintenance, Task<string>> act)
    {
        if (Maintenance is not { } lake)
        {
            return "This host does not write the table.";
        }

        try
        {
            return await act(lake);
        }
        catch (Exception error) when (error is LakeException or IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
    }
}
