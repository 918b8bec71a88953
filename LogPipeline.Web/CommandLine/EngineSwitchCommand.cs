using System.CommandLine;
using System.Globalization;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake;
using LogPipeline.Web.Hosting;
using LogPipeline.Web.Rest;

namespace LogPipeline.Web.CommandLine;

/// <summary><c>engine switch</c>: hands the tables over to the other engine, then writes that into the configuration.</summary>
/// <remarks>The setting is what counts: whatever happens before it is written leaves the engine of before able to go on, and the verb may be run again.</remarks>
internal static class EngineSwitchCommand
{
    /// <summary>The key that names the engine.</summary>
    public const string FullKey = OptionsCatalog.Root + ":" + Key;

    private const string Key = "Engine";

    public static Command Create(CommandContext context)
    {
        var to = new Option<EngineKind>("--to") { Description = "The engine that is to write the tables", HelpName = "spark|embedded", Required = true };
        var check = new Option<bool>("--check") { Description = "Only look whether it could be done; nothing is changed" };
        var command = new Command("switch", "Hand the tables over to the other engine, in place, and write that into the configuration. The host must be stopped.") { to, check };
        command.SetAction(async (parsed, cancellation) =>
        {
            var target = parsed.GetRequiredValue(to);
            var present = context.Load(parsed);
            if (DataFolder.FindOwner(present.Host.DataFolder) is { } owner)
            {
                throw Owned(present, owner);
            }

            var problems = new List<string>();
            if (present.Sources.OverrideOf(FullKey) is { } source && present.Host.Engine != target)
            {
                problems.Add($"{FullKey}: {source} sets it to {present.Host.Engine}, which wins over every file. Change it to {target} there, or remove it there");
            }

            var wanted = TryLoad(context, parsed, target, problems);
            await using var stages = Own(wanted ?? present);
            var handOver = await CheckAsync(stages, problems, cancellation);
            if (problems.Count > 0)
            {
                await context.Error.WriteLineAsync($"The tables cannot be handed over to {target}; nothing was changed:");
                foreach (var problem in problems)
                {
                    await context.Error.WriteLineAsync("  " + problem.ReplaceLineEndings("\n  "));
                }

                return ExitCodes.Failed;
            }

            if (parsed.GetValue(check))
            {
                await context.Error.WriteLineAsync($"The tables can be handed over to {target}; nothing was changed.");
                return ExitCodes.Done;
            }

            return await RunAsync(context, parsed, present, handOver!, target, cancellation);
        });
        return command;
    }

    private static HostConfiguration? TryLoad(CommandContext context, ParseResult parsed, EngineKind target, List<string> problems)
    {
        try
        {
            var arguments = context.Common.Read(parsed, context.Process);
            return HostConfiguration.Load(arguments with { Settings = [.. arguments.Settings, $"{Key}={target}"] });
        }
        catch (ConfigurationException error)
        {
            problems.AddRange(error.Problems.Select(problem => problem.ToString()));
            return null;
        }
    }

    private static StageServices Own(HostConfiguration configuration)
    {
        try
        {
            return StageServices.Own(configuration);
        }
        catch (FolderOwnedException error)
        {
            throw Owned(configuration, error.Owner);
        }
    }

    private static FolderOwnedException Owned(HostConfiguration configuration, FolderOwner? owner) => new(
        $"The data folder {configuration.Host.DataFolder} is owned by {owner?.ToString() ?? "another process"}, which writes the tables. "
        + $"Stop it ({(owner is null ? "Ctrl-C" : string.Create(CultureInfo.InvariantCulture, $"Ctrl-C, or kill -INT {owner.ProcessId}"))}), switch, and start it again.");

    private static async Task<EngineSwitch?> CheckAsync(StageServices stages, List<string> problems, CancellationToken cancellation)
    {
        try
        {
            var handOver = stages.Services.GetRequiredService<EngineSwitch>();
            problems.AddRange(await handOver.CheckAsync(cancellation));
            return handOver;
        }
        catch (Exception error) when (error is EventLogException or LakeException or IOException)
        {
            problems.Add(error.Message);
            return null;
        }
    }

    private static async Task<int> RunAsync(CommandContext context, ParseResult parsed, HostConfiguration present, EngineSwitch handOver, EngineKind target, CancellationToken cancellation)
    {
        var tables = await handOver.RunAsync(cancellation);
        var (isSet, file) = (present.Host.Engine == target, present.Sources.UserFile);
        if (!isSet)
        {
            SettingsFile.Set(file, OptionsCatalog.Root, Key, target.ToString());
        }

        if (context.WantsJson(parsed))
        {
            await context.Output.WriteLineAsync(RestJson.ToText(json =>
            {
                json.WriteStartObject();
                json.WriteString("engine", target.ToString());
                json.WriteString("file", isSet ? null : file);
                json.WriteStartArray("tables");
                foreach (var table in tables)
                {
                    json.WriteStartObject();
                    json.WriteString("stream", table.Stream);
                    json.WriteString("table", table.Table);
                    json.WriteNumber("version", table.Version);
                    json.WriteString("position", PositionText(table));
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }));
            return ExitCodes.Done;
        }

        foreach (var table in tables)
        {
            await context.Output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"{table.Table}: {target} goes on {(table.Last.Count == 0 ? "from the begin" : "behind " + PositionText(table))} of stream {table.Stream}"));
        }

        await context.Output.WriteLineAsync(isSet
            ? $"{FullKey} says {target} already, by {present.Sources.NameOf(FullKey)}. Start the host."
            : $"{FullKey} is {target} in {file}. Start the host{(parsed.GetValue(context.Common.Config) is { } config ? $" with --config {config}" : " in this folder")}.");
        return ExitCodes.Done;
    }

    /// <summary>Such as <c>0:4711,1:20</c>: partition and last offset included.</summary>
    private static string PositionText(HandedOver table) =>
        string.Join(',', table.Last.OrderBy(one => one.Key).Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Key}:{one.Value}")));
}
