using System.CommandLine;
using LogPipeline.Core.EventLog;
using LogPipeline.Web.Hosting;

namespace LogPipeline.Web.CommandLine;

/// <summary><c>demo</c>: a host with a past of 24 hours and traffic that goes on.</summary>
internal static class DemoCommand
{
    private const string Folder = "./logpipeline-demo";

    public static Command Create(CommandContext context)
    {
        var listen = new ListenOptions();
        var rate = new Option<double>("--rate", "-r") { Description = "Events a second", HelpName = "N", DefaultValueFactory = _ => 50 };
        var seed = new Option<int>("--seed") { Description = "Seed of the made-up traffic", HelpName = "N", DefaultValueFactory = _ => 20_261 };
        var input = new Option<string?>("--input", "-i") { Description = "Replay this log instead of making up traffic", HelpName = "FILE" };
        var format = new Option<string?>("--format", "-f") { Description = "Format of that log; found out when absent", HelpName = "FORMAT" };
        var keepTime = new Option<bool>("--keep-time") { Description = "Keep the times of that log; otherwise they are moved to now" };
        rate.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is <= 0 or > 100_000)
            {
                result.AddError("--rate must be above 0 and at most 100000");
            }
        });
        var command = new Command("demo", "See it alive: 24 hours of made-up traffic, then more of it as you watch. Data in ./logpipeline-demo.") { rate, seed, input, format, keepTime };
        listen.AddTo(command);
        Help.AddExamples("demo",
            "logpipeline demo                                   then open http://localhost:4000",
            "logpipeline demo --rate 1000",
            "logpipeline demo --input access.log --rate 200     your own log, as if it happened now");
        command.SetAction(async (parsed, cancellation) =>
        {
            var refine = listen.Refine(parsed);
            var configuration = context.Load(parsed, arguments =>
            {
                var refined = refine(arguments);
                return refined.Data is null ? refined with { Data = Folder } : refined;
            });
            var path = parsed.GetValue(input) is { } file ? Path.GetFullPath(file, context.Process.WorkingFolder) : null;
            if (path is not null && !File.Exists(path))
            {
                throw new CommandException($"{path} does not exist");
            }

            await using var host = PipelineHost.Create(configuration);
            return await ServeCommand.RunAsync(context, host, configuration, stop => BesideAsync(host.Services, path, parsed.GetValue(format), parsed.GetValue(keepTime), parsed.GetValue(rate), parsed.GetValue(seed), stop), cancellation);
        });
        return command;
    }

    private static async Task BesideAsync(IServiceProvider services, string? path, string? format, bool keepTime, double rate, int seed, CancellationToken cancellation)
    {
        var stream = Sources.DefaultStream(services);
        var sources = new Sources(services, stream);
        if (path is not null)
        {
            await new Replay(services, stream).RunAsync(path, format, rate, keepTime, cancellation);
            return;
        }

        // A folder that holds a demo already goes on where it was.
        var isNew = services.GetRequiredService<IEventLogs>().Find(stream)!.Bounds.All(bounds => bounds.End == 0);
        var generating = sources.GenerateAsync(rate, seed + 1, cancellation);
        if (isNew)
        {
            await sources.BackfillAsync(seed, cancellation);
        }

        await generating;
    }
}
