using LogPipeline.Web.CommandLine;

return await LogPipelineCommand.RunAsync(args, Console.Out, Console.Error);
