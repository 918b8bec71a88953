using System.CommandLine;
using LogPipeline.Web.Hosting;

namespace LogPipeline.Web.CommandLine;

/// <summary><c>demo</c>: a living example in a folder of its own.</summary>
internal static class DemoCommand
{
    public static Command Create(CommandContext context)
    {
        var listen = new ListenOptions();
        var rate = GenerateCommand.RateOption(20);
        var seed = GenerateCommand.SeedOption();
        var input = new Option<string?>("--input", "-i") { Description = "Play this file instead of made-up traffic", HelpName = "FILE" };
        var format = new Option<string?>("--format", "-f") { Description = "Format of the file; found out when absent", HelpName = "FORMAT" };
        var keepTime = new Option<bool>("--keep-time") { Description = "Leave the times of the file as they are" };
        var command = new Command("demo", "Serve a living example: a day of made-up traffic, then more of it as time goes by.") { rate, seed, input, format, keepTime };
        listen.AddTo(command);
        Help.AddExamples("demo",
            "logpipeline demo                                   data in ./logpipeline-demo",
            "logpipeline demo --rate 1000",
            "logpipeline demo --input access.log --rate 20      play a file as if it happened now");
        command.SetAction(async (parsed, cancellation) =>
        {
            var refine = listen.Refine(parsed);
            var configuration = context.Load(parsed, arguments => refine(arguments) with { DefaultDataFolder = "./logpipeline-demo" });
            var file = parsed.GetValue(input) is { } name ? Path.GetFullPath(name, context.Process.WorkingFolder) : null;
            if (file is not null && !File.Exists(file))
            {
                await context.Error.WriteLineAsync($"There is no file {file}.");
                return ExitCodes.Failed;
            }

            await using var host = PipelineHost.Create(configuration);
            return await ServeCommand.RunAsync(
                context, host, configuration,
                token => file is null
                    ? new DemoTraffic(host.Services, parsed.GetValue(seed), parsed.GetValue(rate)).RunAsync(token)
                    : new Replay(host.Services, file, parsed.GetValue(format), parsed.GetValue(rate), parsed.GetValue(keepTime)).RunAsync(token),
                cancellation);
        });
        return command;
    }
}
