using System.CommandLine;

namespace LogPipeline.Web.CommandLine.Pipeline;

/// <summary><c>pipeline stream|analytics|optimize|start|stop|status</c>: the modes of a pipeline script.</summary>
internal static class PipelineCommand
{
    public const string Name = "pipeline";

    public static Command Create(CommandContext context)
    {
        var pipeline = new Command(Name, "Run the pipeline by its modes.");
        foreach (var mode in ModeOption.Create())
        {
            pipeline.Add(mode);
        }

        pipeline.Add(StreamCommand.Create(context));
        pipeline.Add(AnalyticsCommand.Create(context));
        pipeline.Add(CreateOptimize(context));
        pipeline.Add(StartCommand.Create(context));
        pipeline.Add(StopCommand.Create(context));
        pipeline.Add(StatusCommand.Create(context));
        Help.AddExamples(Name,
            "logpipeline pipeline start                         a host in the background, on http://localhost:4000",
            "logpipeline pipeline status",
            "logpipeline pipeline --action stop",
            "logpipeline pipeline stream --input-path /var/log/nginx --output-path /lake",
            "logpipeline pipeline analytics --input-path /lake",
            "logpipeline pipeline optimize logs");
        return pipeline;
    }

    private static Command CreateOptimize(CommandContext context)
    {
        var command = LakeCommand.CreateOptimize(context, PathOption.Input("Folder of Delta tables, or one table; the configured lake when absent"));
        command.Description = "Merge the small files of a table, as 'lake optimize' does.";
        return command;
    }
}
