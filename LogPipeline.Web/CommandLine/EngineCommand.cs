using System.CommandLine;
using System.Globalization;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.Lake;
using LogPipeline.Web.Hosting;
using LogPipeline.Web.Rest;

namespace LogPipeline.Web.CommandLine;

/// <summary><c>engine switch|status</c>: which engine writes the tables, and handing them over to the other one.</summary>
internal static class EngineCommand
{
    public static Command Create(CommandContext context)
    {
        var engine = new Command("engine", "See which engine writes the tables, and switch to the other one.");
        engine.Add(CreateStatus(context));
        engine.Add(EngineSwitchCommand.Create(context));
        Help.AddExamples("engine",
            "logpipeline engine status",
            "logpipeline engine switch --to spark                needs SPARK_HOME and Java 17, or a server: --set Spark:Master=sc://host:15002",
            "logpipeline engine switch --to embedded --check     only look whether it could");
        return engine;
    }

    private static Command CreateStatus(CommandContext context)
    {
        var command = new Command("status", "The engine of the configuration, and what each table was last written by.");
        command.SetAction(async (parsed, cancellation) =>
        {
            var configuration = context.Load(parsed);
            var owner = DataFolder.FindOwner(configuration.Host.DataFolder);
            var setBy = configuration.Sources.NameOf(EngineSwitchCommand.FullKey);
            var tables = Directory.Exists(configuration.Host.DataFolder) ? await LastWritesAsync(configuration, cancellation) : [];
            if (context.WantsJson(parsed))
            {
                await context.Output.WriteLineAsync(RestJson.ToText(json =>
                {
                    json.WriteStartObject();
                    json.WriteString("engine", configuration.Host.Engine.ToString());
                    json.WriteString("broker", configuration.Host.Broker.ToString());
                    json.WriteString("setBy", setBy);
                    json.WriteString("owner", owner?.ToString());
                    json.WriteStartArray("tables");
                    foreach (var (name, last) in tables)
                    {
                        json.WriteStartObject();
                        json.WriteString("name", name);
                        json.WriteNumber("version", last.Version);
                        json.WriteString("committedAt", last.At);
                        json.WriteString("operation", last.Operation);
                        json.WriteString("writtenBy", last.Engine);
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                    json.WriteEndObject();
                }));
                return ExitCodes.Done;
            }

            await context.Output.WriteLineAsync($"{"engine",-16}{configuration.Host.Engine}, with broker {configuration.Host.Broker}; {EngineSwitchCommand.FullKey} is set by {setBy}");
            await context.Output.WriteLineAsync($"{"owner",-16}{owner?.ToString() ?? "none: no host runs on " + configuration.Host.DataFolder}");
            foreach (var (name, last) in tables)
            {
                await context.Output.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture, $"{"table",-16}{name}  version {last.Version} of {last.At:yyyy-MM-dd HH:mm:ss}Z, {last.Operation} by {last.Engine ?? "an unknown engine"}"));
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<List<(string Name, TableCommit Last)>> LastWritesAsync(HostConfiguration configuration, CancellationToken cancellation)
    {
        await using var stages = StageServices.OpenReadOnly(configuration);
        var lake = stages.Services.GetRequiredService<LakeMaintenance>();
        var tables = new List<(string, TableCommit)>();
        foreach (var name in stages.Services.GetRequiredService<ITableCatalog>().Tables)
        {
            if (await lake.HistoryAsync(name, 1, cancellation) is [var last])
            {
                tables.Add((name, last));
            }
        }

        return tables;
    }
}
