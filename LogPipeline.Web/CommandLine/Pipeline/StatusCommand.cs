using System.CommandLine;

namespace LogPipeline.Web.CommandLine.Pipeline;

/// <summary><c>pipeline status</c>: what runs on a data folder.</summary>
internal static class StatusCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("status", "What runs on the data folder: host, broker, engine, streams and their lag. Exit code 1 when nothing does.");
        command.SetAction(async (parsed, cancellation) =>
        {
            var configuration = context.Load(parsed);
            using var owner = OwnerClient.Find(configuration.Host.DataFolder);
            if (owner is null)
            {
                await context.Output.WriteLineAsync(context.WantsJson(parsed) ? "{\"running\":false}" : $"Nothing runs on {configuration.Host.DataFolder}.");
                return ExitCodes.Failed;
            }

            using var running = await RunningPipeline.ReadAsync(owner, configuration.Streams, cancellation);
            await context.Output.WriteLineAsync(context.WantsJson(parsed) ? PipelineStatusReport.ToJson(running) : PipelineStatusReport.ToText(running));
            return ExitCodes.Done;
        });
        return command;
    }
}
