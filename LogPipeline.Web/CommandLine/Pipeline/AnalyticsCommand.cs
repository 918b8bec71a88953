using System.CommandLine;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Query;
using LogPipeline.Web.Hosting;

namespace LogPipeline.Web.CommandLine.Pipeline;

/// <summary><c>pipeline analytics</c>: totals of a table of web requests.</summary>
internal static class AnalyticsCommand
{
    private const int MostValues = 1000;

    public static Command Create(CommandContext context)
    {
        var table = LakeCommand.TableArgument();
        var input = PathOption.Input("Folder of Delta tables, or one table; the configured lake when absent");
        var output = PathOption.Output("File that takes the result too; JSON when its name ends with .json or --json is given");
        var limit = new Option<int>("--limit") { Description = "Values of each column at most", HelpName = "N", DefaultValueFactory = _ => 20 };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > MostValues)
            {
                result.AddError($"--limit must be from 1 to {MostValues}");
            }
        });
        var command = new Command("analytics", "Totals by level, status class, endpoint and source, with response times.") { table, input, output, limit };
        Help.AddExamples("pipeline analytics",
            "logpipeline pipeline analytics",
            "logpipeline pipeline analytics --input-path /lake/logs --output-path report.json",
            "logpipeline pipeline analytics --set Query:Engine=Spark --json");
        command.SetAction(async (parsed, cancellation) =>
        {
            var file = PathOption.Read(context, parsed, output);
            if (Directory.Exists(file))
            {
                throw PathOption.Problem(output, $"{file} is a folder; give a file");
            }

            using var lake = LakeInput.Open(context, parsed, input);
            var name = lake.TableOf(parsed, table);
            await using var stages = StageServices.OpenReadOnly(lake.Configuration);
            var catalog = stages.Services.GetRequiredService<ITableCatalog>();
            var snapshot = await catalog.FindAsync(name, cancellation)
                ?? throw new CommandException($"There is no table '{name}' in {catalog.Root}; there is {(catalog.Tables is [] ? "none" : string.Join(", ", catalog.Tables))}.");
            var totals = await ReadAsync(context, stages, snapshot, parsed.GetValue(limit), cancellation);
            var wantsJson = context.WantsJson(parsed);
            await context.Output.WriteLineAsync(wantsJson ? AnalyticsReport.ToJson(totals) : AnalyticsReport.ToText(totals));
            if (file is not null)
            {
                wantsJson |= Path.GetExtension(file).Equals(".json", StringComparison.OrdinalIgnoreCase);
                await WriteAsync(output, file, (wantsJson ? AnalyticsReport.ToJson(totals) : AnalyticsReport.ToText(totals)) + "\n", cancellation);
                await context.Error.WriteLineAsync($"Written to {file}");
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<Analytics> ReadAsync(CommandContext context, StageServices stages, TableSnapshot snapshot, int limit, CancellationToken cancellation)
    {
        try
        {
            await stages.UntilQueriesRunAsync(context.Error, cancellation);
            return await Analytics.ReadAsync(stages.Services.GetRequiredService<QueryService>(), snapshot, limit, cancellation);
        }
        catch (QueryException error)
        {
            throw new CommandException(error.ErrorClass is null ? error.Message : $"[{error.ErrorClass}] {error.Message}", error);
        }
    }

    private static async Task WriteAsync(Option output, string file, string text, CancellationToken cancellation)
    {
        try
        {
            await File.WriteAllTextAsync(file, text, cancellation);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw PathOption.Problem(output, $"{file} cannot be written: {error.Message}");
        }
    }
}
