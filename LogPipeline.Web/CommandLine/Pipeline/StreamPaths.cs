using System.CommandLine;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.DataFolders;
using LogPipeline.Spark.Streaming;
using LogPipeline.Web.Hosting;

namespace LogPipeline.Web.CommandLine.Pipeline;

/// <summary>Where <c>pipeline stream</c> reads and writes.</summary>
internal sealed class StreamPaths
{
    private readonly Option<string?> input = PathOption.Input("File or folder of log lines to follow; without it, what the configured topic or event log takes in");
    private readonly Option<string?> output = PathOption.Output("Folder of the Delta tables; the configured lake when absent");
    private readonly Option<string?> checkpoint = PathOption.Checkpoint("Folder of the checkpoints of Spark, with Broker=Kafka and Engine=Spark");

    /// <summary>The file or folder to follow; null for none.</summary>
    public string? Input { get; private set; }

    /// <summary>Adds the options.</summary>
    public void AddTo(Command command)
    {
        command.Add(input);
        command.Add(output);
        command.Add(checkpoint);
    }

    /// <summary>The configuration with these places. Only this machine reaches the host; the options win over <c>--set</c>.</summary>
    /// <exception cref="CommandException">A path cannot be meant; it names the option.</exception>
    /// <exception cref="FolderOwnedException">Another host writes the tables.</exception>
    public HostConfiguration Load(CommandContext context, ParseResult parsed)
    {
        Input = PathOption.Read(context, parsed, input);
        var lake = PathOption.Read(context, parsed, output);
        var checkpoints = PathOption.Read(context, parsed, checkpoint);
        var configuration = context.Load(parsed, arguments => arguments with
        {
            Settings =
            [
                "Http:Port=0", "Http:Bind=127.0.0.1",
                .. arguments.Settings,
                .. lake is null ? (string[])[] : [$"Lake:Path={lake}"],
                .. checkpoints is null ? (string[])[] : [$"{SparkStreamingOptions.Section}:CheckpointFolder={checkpoints}"],
            ],
        });
        if (Input is not null && !Path.Exists(Input))
        {
            throw PathOption.Problem(input, $"there is no file or folder {Input}");
        }

        CheckLake(lake, configuration);
        CheckCheckpoints(checkpoints, configuration);
        return configuration;
    }

    private void CheckLake(string? lake, HostConfiguration configuration)
    {
        if (lake is null)
        {
            return;
        }

        if (File.Exists(lake))
        {
            throw PathOption.Problem(output, $"{lake} is a file; give a folder");
        }

        if (LakeInput.IsTable(lake))
        {
            throw PathOption.Problem(output, $"{lake} is a table; give the folder of the tables, {Path.GetDirectoryName(lake)}");
        }

        if (Path.GetDirectoryName(lake) is { } parent && parent != configuration.Host.DataFolder && DataFolder.FindOwner(parent) is { } owner)
        {
            throw new FolderOwnedException(parent, owner);
        }
    }

    private void CheckCheckpoints(string? checkpoints, HostConfiguration configuration)
    {
        if (checkpoints is null)
        {
            return;
        }

        if (configuration.Host is not { Engine: EngineKind.Spark, Broker: BrokerKind.Kafka })
        {
            throw PathOption.Problem(checkpoint, $"only Spark that reads Kafka keeps checkpoints, and Engine is {configuration.Host.Engine} with Broker {configuration.Host.Broker}; leave it out, or add --set Engine=Spark --set Broker=Kafka");
        }

        if (File.Exists(checkpoints))
        {
            throw PathOption.Problem(checkpoint, $"{checkpoints} is a file; give a folder");
        }
    }
}
