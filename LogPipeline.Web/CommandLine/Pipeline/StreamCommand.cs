using System.CommandLine;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest.Files;
using LogPipeline.Core.Lake;
using LogPipeline.Web.Hosting;

namespace LogPipeline.Web.CommandLine.Pipeline;

/// <summary><c>pipeline stream</c>: writes the tables in the foreground, without pages, until Ctrl-C.</summary>
internal static class StreamCommand
{
    public static Command Create(CommandContext context)
    {
        var paths = new StreamPaths();
        var stream = new Option<string?>("--stream") { Description = "Stream that the input belongs to", HelpName = "NAME" };
        var format = new Option<string?>("--format", "-f") { Description = "json, common, combined, or an nginx log_format; found out when absent", HelpName = "FORMAT" };
        var command = new Command("stream", "Write the tables in the foreground, without pages; Ctrl-C drains and ends. REST is on a free port of this machine.");
        paths.AddTo(command);
        command.Add(stream);
        command.Add(format);
        Help.AddExamples("pipeline stream",
            "logpipeline pipeline stream --input-path /var/log/nginx --output-path /lake",
            "logpipeline pipeline stream --output-path /lake --checkpoint-path /lake/_checkpoints --set Broker=Kafka --set Engine=Spark");
        command.SetAction(async (parsed, cancellation) =>
        {
            var configuration = paths.Load(context, parsed);
            if (ServeCommand.FindStream(context, configuration, parsed.GetValue(stream)) is not { } target)
            {
                return ExitCodes.Usage;
            }

            await using var host = PipelineHost.Create(configuration, withPages: false);
            var code = await ServeCommand.RunAsync(
                host,
                () => context.Error.WriteLineAsync($"Streaming {string.Join(", ", configuration.Streams.All.Select(one => $"{one.Name} to {one.Table}"))} in {host.Services.GetRequiredService<ITableCatalog>().Root}; REST on {host.Url}. Ctrl-C ends it."),
                token => RunAsync(host.Services, context.Error, paths.Input, target, parsed.GetValue(format), token),
                cancellation);
            var outcomes = await StreamOutcome.ReadAsync(host.Services);
            await context.Output.WriteLineAsync(context.WantsJson(parsed) ? StreamOutcome.ToJson(outcomes) : StreamOutcome.ToText(outcomes));
            return code;
        });
        return command;
    }

    /// <summary>Follows the input and tells how far the tables are. An input that cannot be followed ends both.</summary>
    private static async Task RunAsync(IServiceProvider services, TextWriter messages, string? input, string stream, string? format, CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var progress = new StreamProgress(services, messages).RunAsync(ended.Token);
        try
        {
            if (input is not null)
            {
                var log = services.GetRequiredService<IEventLogs>().Find(stream)!;
                await Task.Run(
                    () => Directory.Exists(input)
                        ? services.GetRequiredService<FolderFollower>().FollowAsync(log, input, format, cancellation)
                        : services.GetRequiredService<FileFollower>().FollowAsync(log, input, format, cancellation),
                    cancellation);
            }
        }
        catch
        {
            await ended.CancelAsync();
            throw;
        }
        finally
        {
            await progress;
        }
    }
}
