using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.Lake;
using LogPipeline.Web.CommandLine.Pipeline;
using LogPipeline.Web.Hosting;
using LogPipeline.Web.Rest;

namespace LogPipeline.Web.CommandLine;

/// <summary><c>lake optimize|describe|history|vacuum|drain</c>: looks after tables.</summary>
internal static class LakeCommand
{
    public static Command Create(CommandContext context)
    {
        var lake = new Command("lake", "Look after the Delta tables.");
        lake.Add(CreateDescribe(context));
        lake.Add(CreateHistory(context));
        lake.Add(CreateOptimize(context));
        lake.Add(CreateVacuum(context));
        lake.Add(LakeDrainCommand.Create(context));
        Help.AddExamples("lake",
            "logpipeline lake describe logs",
            "logpipeline lake history logs --limit 5",
            "logpipeline lake optimize logs",
            "logpipeline lake vacuum logs --dry-run",
            "logpipeline lake drain --set Broker=Embedded        store the rest of the embedded log, before Kafka takes its turn");
        return lake;
    }

    /// <summary>The table to work on.</summary>
    public static Argument<string> TableArgument() => new("table") { Description = "Name of the table", DefaultValueFactory = _ => "logs" };

    private static Command CreateDescribe(CommandContext context)
    {
        var table = TableArgument();
        var command = new Command("describe", "Columns, version, files and properties of a table.") { table };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var stages = StageServices.OpenReadOnly(context.Load(parsed));
            var one = await stages.Services.GetRequiredService<LakeMaintenance>().DescribeAsync(parsed.GetRequiredValue(table), cancellation);
            if (context.WantsJson(parsed))
            {
                await WriteJsonAsync(context, json => CatalogEndpoints.WriteDescription(json, one));
                return ExitCodes.Done;
            }

            var facts = new (string Name, string Value)[]
            {
                ("table", $"delta_lake.{one.Name}"),
                ("location", one.Location),
                ("version", string.Create(CultureInfo.InvariantCulture, $"{one.Version}, committed {one.CommittedAt:yyyy-MM-dd HH:mm:ss}Z")),
                ("protocol", one.Protocol),
                ("partitioned by", string.Join(", ", one.PartitionColumns)),
                ("files", string.Create(CultureInfo.InvariantCulture, $"{one.Files:N0}, {one.SizeBytes:N0} bytes; {one.DeletedFiles:N0} kept for earlier versions")),
                ("rows", one.Rows?.ToString("N0", CultureInfo.InvariantCulture) ?? "unknown"),
            };
            foreach (var (name, value) in facts)
            {
                await context.Output.WriteLineAsync($"{name,-16}{value}");
            }

            foreach (var (name, value) in one.Properties)
            {
                await context.Output.WriteLineAsync($"{"property",-16}{name} = {value}");
            }

            foreach (var (name, type) in one.Columns)
            {
                await context.Output.WriteLineAsync($"{"column",-16}{name}  {type}");
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateHistory(CommandContext context)
    {
        var table = TableArgument();
        var limit = new Option<int>("--limit") { Description = "Versions at most", HelpName = "N", DefaultValueFactory = _ => 20 };
        var command = new Command("history", "Versions of a table, newest first.") { table, limit };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var stages = StageServices.OpenReadOnly(context.Load(parsed));
            var commits = await stages.Services.GetRequiredService<LakeMaintenance>().HistoryAsync(parsed.GetRequiredValue(table), parsed.GetValue(limit), cancellation);
            if (context.WantsJson(parsed))
            {
                await WriteJsonAsync(context, json => CatalogEndpoints.WriteHistory(json, commits));
                return ExitCodes.Done;
            }

            foreach (var commit in commits)
            {
                var metrics = string.Join(", ", commit.Metrics.Select(pair => $"{pair.Key} {pair.Value}"));
                await context.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{commit.Version,8}  {commit.At:yyyy-MM-dd HH:mm:ss}Z  {commit.Operation,-16}  {metrics}"));
            }

            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary><c>optimize</c>.</summary>
    /// <param name="context">What verbs share.</param>
    /// <param name="input">Names the tables instead of the configuration.</param>
    public static Command CreateOptimize(CommandContext context, Option<string?>? input = null)
    {
        var table = TableArgument();
        var command = new Command("optimize", "Merge the small files of a table.") { table };
        if (input is not null)
        {
            command.Add(input);
        }

        command.SetAction(async (parsed, cancellation) =>
        {
            using var lake = input is null ? null : LakeInput.Open(context, parsed, input);
            var name = lake?.TableOf(parsed, table) ?? parsed.GetRequiredValue(table);
            return await ChangeAsync(
                context, parsed, lake?.Configuration ?? context.Load(parsed), $"/api/tables/{Uri.EscapeDataString(name)}/optimize",
                async maintenance =>
                {
                    var result = await maintenance.OptimizeAsync(name, cancellation);
                    return json => CatalogEndpoints.WriteCompaction(json, name, result);
                },
                answer => string.Create(CultureInfo.InvariantCulture,
                    $"{answer.GetProperty("filesRemoved").GetInt64():N0} files became {answer.GetProperty("filesAdded").GetInt64():N0}; {answer.GetProperty("bytesRemoved").GetInt64():N0} bytes became {answer.GetProperty("bytesAdded").GetInt64():N0}"),
                cancellation);
        });
        return command;
    }

    private static Command CreateVacuum(CommandContext context)
    {
        var table = TableArgument();
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be deleted" };
        var force = new Option<bool>("--force") { Description = "Allow a retention below the table's own; readers of earlier versions will fail" };
        var retention = new Option<string?>("--retention") { Description = "How long files are kept, such as 7d; the table's own when absent", HelpName = "DURATION" };
        retention.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && OptionValues.ReadDuration(text) is null)
            {
                result.AddError($"--retention '{text}' is not a duration such as 24h or 7d");
            }
        });
        var command = new Command("vacuum", "Delete files that no kept version names.") { table, dryRun, retention, force };
        command.SetAction((parsed, cancellation) => ChangeAsync(
            context, parsed, context.Load(parsed),
            $"/api/tables/{Uri.EscapeDataString(parsed.GetRequiredValue(table))}/vacuum?dryRun={Text(parsed.GetValue(dryRun))}&force={Text(parsed.GetValue(force))}"
                + (parsed.GetValue(retention) is { } text ? $"&retention={Uri.EscapeDataString(text)}" : ""),
            async lake =>
            {
                var kept = parsed.GetValue(retention) is { } given ? OptionValues.ReadDuration(given) : null;
                var result = await lake.VacuumAsync(parsed.GetRequiredValue(table), kept, parsed.GetValue(dryRun), parsed.GetValue(force), cancellation);
                return json => CatalogEndpoints.WriteVacuum(json, parsed.GetRequiredValue(table), result);
            },
            answer => string.Create(CultureInfo.InvariantCulture,
                $"{answer.GetProperty("files").GetInt64():N0} files, {answer.GetProperty("sizeBytes").GetInt64():N0} bytes {(answer.GetProperty("dryRun").GetBoolean() ? "would be deleted" : "deleted")}"),
            cancellation));
        return command;

        static string Text(bool flag) => flag ? "true" : "false";
    }

    /// <summary>Changes a table inside the owner when it is up, and as the owner when nobody is.</summary>
    private static async Task<int> ChangeAsync(
        CommandContext context, ParseResult parsed, HostConfiguration configuration, string path, Func<LakeMaintenance, Task<Action<Utf8JsonWriter>>> change, Func<JsonElement, string> tell, CancellationToken cancellation)
    {
        string answer;
        using var owner = OwnerClient.Find(configuration.Host.DataFolder);
        if (owner is not null)
        {
            answer = await owner.SendAsync(HttpMethod.Post, path, null, cancellation);
        }
        else
        {
            await using var stages = StageServices.Own(configuration);
            answer = RestJson.ToText(await change(stages.Services.GetRequiredService<LakeMaintenance>()));
        }

        using var document = JsonDocument.Parse(answer);
        await context.Output.WriteLineAsync(context.WantsJson(parsed) ? answer : tell(document.RootElement));
        return ExitCodes.Done;
    }

    private static Task WriteJsonAsync(CommandContext context, Action<Utf8JsonWriter> write) => context.Output.WriteLineAsync(RestJson.ToText(write));
}
