using System.CommandLine;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest.Files;
using LogPipeline.Core.Lake;
using LogPipeline.Spark.Streaming;
using LogPipeline.Web.Hosting;

namespace LogPipeline.Web.CommandLine.Pipeline;

/// <summary><c>pipeline stream</c>: writes the tables in the foreground, without pages, until Ctrl-C.</summary>
internal static class StreamCommand
{
    public static Command Create(CommandContext context)
    {
        var input = PathOption.Input("File or folder of log lines to follow; without it, what the configured topic or event log takes in");
        var output = PathOption.Output("Folder of the Delta tables; the configured lake when absent");
        var checkpoint = PathOption.Checkpoint("Folder of Spark's checkpoints, with Engine=Spark");
        var stream = new Option<string?>("--stream") { Description = "Stream that the input belongs to", HelpName = "NAME" };
        var format = new Option<string?>("--format", "-f") { Description = "json, common, combined, or an nginx log_format; found out when absent", HelpName = "FORMAT" };
        var command = new Command("stream", "Write the tables in the foreground, without pages; Ctrl-C drains and ends. The owner's address is on a free port of this machine.") { input, output, checkpoint, stream, format };
        Help.AddExamples("pipeline stream",
            "logpipeline pipeline stream --input-path /var/log/nginx --output-path /lake",
            "logpipeline pipeline stream --output-path /lake --checkpoint-path /lake/_checkpoints --set Broker=Kafka --set Engine=Spark");
        command.SetAction(async (parsed, cancellation) =>
        {
            var places = new StreamPlaces(PathOption.Read(context, parsed, input), PathOption.Read(context, parsed, output), PathOption.Read(context, parsed, checkpoint));
            var configuration = context.Load(parsed, places.Refine);
            if (ServeCommand.FindStream(context, configuration, parsed.GetValue(stream)) is not { } target)
            {
                return ExitCodes.Usage;
            }

            places.Check(configuration);
            await using var host = PipelineHost.Create(configuration, withPages: false);
            var code = await ServeCommand.RunAsync(
                host,
                () => context.Error.WriteLineAsync($"Streaming {string.Join(", ", configuration.Streams.All.Select(one => $"{one.Name} to {one.Table}"))} in {host.Services.GetRequiredService<ITableCatalog>().Root}; owner at {host.Url}. Ctrl-C ends it."),
                token => Task.WhenAll(FollowAsync(host.Services, target, places.Input, parsed.GetValue(format), token), new StreamProgress(host.Services, context.Error).RunAsync(token)),
                cancellation);
            await StreamProgress.TellEndAsync(context, parsed, host.Services);
            return code;
        });
        return command;
    }

    private static Task FollowAsync(IServiceProvider services, string stream, string? input, string? format, CancellationToken cancellation)
    {
        var log = services.GetRequiredService<IEventLogs>().Find(stream)!;
        return input is null ? Task.CompletedTask
            : Directory.Exists(input) ? Task.Run(() => services.GetRequiredService<FolderFollower>().FollowAsync(log, input, format, cancellation), cancellation)
            : Task.Run(() => services.GetRequiredService<FileFollower>().FollowAsync(log, input, format, cancellation), cancellation);
    }

    /// <summary>The three paths of the command.</summary>
    private sealed record StreamPlaces(string? Input, string? Output, string? Checkpoint)
    {
        /// <summary>Only this machine reaches the host; options win over <c>--set</c>.</summary>
        public HostArguments Refine(HostArguments arguments) => arguments with
        {
            Settings =
            [
                "Http:Port=0", "Http:Bind=127.0.0.1",
                .. arguments.Settings,
                .. Output is null ? (string[])[] : [$"Lake:Path={Output}"],
                .. Checkpoint is null ? (string[])[] : [$"{SparkStreamingOptions.Section}:CheckpointFolder={Checkpoint}"],
            ],
        };

        /// <summary>Refuses what cannot be meant.</summary>
        /// <exception cref="CommandException">It names the option.</exception>
        /// <exception cref="FolderOwnedException">Another host writes the tables.</exception>
        public void Check(HostConfiguration configuration)
        {
            if (Input is not null && !File.Exists(Input) && !Directory.Exists(Input))
            {
                throw new CommandException($"--input-path: there is no file or folder {Input}");
            }

            if (File.Exists(Output))
            {
                throw new CommandException($"--output-path: {Output} is a file; give a folder");
            }

            if (Output is not null && Directory.Exists(Path.Combine(Output, "_delta_log")))
            {
                throw new CommandException($"--output-path: {Output} is a table; give the folder of the tables, {Path.GetDirectoryName(Output)}");
            }

            if (Checkpoint is not null && configuration.Host is not { Engine: EngineKind.Spark, Broker: BrokerKind.Kafka })
            {
                throw new CommandException($"--checkpoint-path: only Spark that reads Kafka keeps checkpoints, and Engine is {configuration.Host.Engine} with Broker {configuration.Host.Broker}; leave it out, or add --set Engine=Spark --set Broker=Kafka");
            }

            if (Checkpoint is not null && File.Exists(Checkpoint))
            {
                throw new CommandException($"--checkpoint-path: {Checkpoint} is a file; give a folder");
            }

            if (Path.GetDirectoryName(Output) is { } parent && parent != configuration.Host.DataFolder && DataFolder.FindOwner(parent) is { } owner)
            {
                throw new FolderOwnedException(parent, owner);
            }
        }
    }
}
