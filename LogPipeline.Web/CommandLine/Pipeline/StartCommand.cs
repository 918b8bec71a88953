using System.CommandLine;
using System.Globalization;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.Lake;
using LogPipeline.Web.Hosting;
using LogPipeline.Web.Rest;

namespace LogPipeline.Web.CommandLine.Pipeline;

/// <summary><c>pipeline start</c>: a host in the background, with its session, its streams and made-up traffic.</summary>
internal static class StartCommand
{
    public static Command Create(CommandContext context)
    {
        var listen = new ListenOptions();
        var rate = GenerateCommand.RateOption(20);
        var quiet = new Option<bool>("--no-generator") { Description = "Without made-up traffic" };
        var patience = WaitOption("5min");
        var command = new Command("start", "Start a host in the background: data folders and topics, Spark's session, the streams, made-up traffic. Ends once it is ready.") { rate, quiet, patience };
        listen.AddTo(command);
        Help.AddExamples("pipeline start",
            "logpipeline pipeline start                         on http://localhost:4000, data in ./logpipeline-data",
            "logpipeline pipeline start --no-generator --set Broker=Kafka --set Engine=Spark",
            "logpipeline pipeline start --port 4100 --rate 1000 --data /srv/logs");
        command.SetAction(async (parsed, cancellation) =>
        {
            var configuration = context.Load(parsed, listen.Refine(parsed));
            var folder = configuration.Host.DataFolder;
            using (var owner = OwnerClient.Find(folder))
            {
                if (owner is not null)
                {
                    using var running = await RunningPipeline.ReadAsync(owner, configuration.Streams, cancellation);
                    await TellAsync(context, parsed, configuration, running, wasStarted: false, generator: null);
                    return ExitCodes.Done;
                }
            }

            double? generator = parsed.GetValue(quiet) || configuration.Streams.Find(DemoTraffic.Stream) is null ? null : parsed.GetValue(rate);
            using var host = BackgroundHost.Start(folder, ArgumentsOf(listen.Refine(parsed)(context.Common.Read(parsed, context.Process)), folder, generator, configuration.Options<LakeOptions>()), context.Process.WorkingFolder);
            try
            {
                using var running = await host.UntilReadyAsync(configuration.Streams, OptionValues.ReadDuration(parsed.GetRequiredValue(patience))!.Value, TimeProvider.System, cancellation);
                await TellAsync(context, parsed, configuration, running, wasStarted: true, generator);
                return ExitCodes.Done;
            }
            catch (OperationCanceledException)
            {
                await host.StopAsync();
                await context.Error.WriteLineAsync("Stopped before it was ready.");
                return ExitCodes.Failed;
            }
            catch (BackgroundHostException failure)
            {
                await context.Error.WriteLineAsync(failure.Message);
                return failure.ExitCode;
            }
        });
        return command;
    }

    /// <summary><c>--wait</c>.</summary>
    public static Option<string> WaitOption(string standard)
    {
        var option = new Option<string>("--wait") { Description = "How long to wait for it, such as 30s", HelpName = "DURATION", DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } text && OptionValues.ReadDuration(text) is not { Ticks: > 0 })
            {
                result.AddError($"--wait '{text}' is not a duration such as 30s or 5min");
            }
        });
        return option;
    }

    /// <summary>The command line of the host: what this one says, with paths that count from nowhere.</summary>
    private static List<string> ArgumentsOf(HostArguments arguments, string folder, double? generator, LakeOptions lake)
    {
        List<string> line = ["serve", "--data", folder];
        if (arguments.ConfigFile is { } file)
        {
            line.AddRange(["--config", Path.GetFullPath(file, arguments.WorkingFolder)]);
        }

        line.AddRange(arguments.Settings.SelectMany(setting => (string[])["--set", setting]));
        if (lake.DrainTimeout == new LakeOptions().DrainTimeout)
        {
            // Nobody waits at a terminal, and a batch of Spark takes seconds.
            line.AddRange(["--set", $"Lake:{nameof(LakeOptions.DrainTimeout)}=45s"]);
        }

        if (arguments.Port is { } port)
        {
            line.AddRange(["--port", port.ToString(CultureInfo.InvariantCulture)]);
        }

        if (arguments.Bind is { } bind)
        {
            line.AddRange(["--bind", bind]);
        }

        if (arguments.AllowAnonymous)
        {
            line.Add("--allow-anonymous");
        }

        if (generator is { } rate)
        {
            line.AddRange(["--generate", rate.ToString(CultureInfo.InvariantCulture)]);
        }

        return line;
    }

    private static async Task TellAsync(CommandContext context, ParseResult parsed, HostConfiguration configuration, RunningPipeline running, bool wasStarted, double? generator)
    {
        var folder = configuration.Host.DataFolder;
        var url = ServeCommand.PageOf(running.Owner.Url!, configuration.Host.Auth);
        var places = new List<(string Name, string Value)> { ("web", url) };
        places.AddRange(PipelineStatusReport.PlacesOf(running.Health));
        places.Add(("data", folder));
        if (File.Exists(BackgroundHost.LogOf(folder)))
        {
            places.Add(("log", BackgroundHost.LogOf(folder)));
        }

        if (context.WantsJson(parsed))
        {
            await context.Output.WriteLineAsync(RestJson.ToText(json =>
            {
                json.WriteStartObject();
                json.WriteBoolean("started", wasStarted);
                json.WriteNumber("processId", running.Owner.ProcessId);
                json.WriteStartObject("addresses");
                foreach (var (name, value) in places)
                {
                    json.WriteString(name, value);
                }

                json.WriteEndObject();
                json.WriteEndObject();
            }));
            return;
        }

        await context.Output.WriteLineAsync($"LogPipeline {ProductVersion.Text} {(wasStarted ? "runs in the background" : "already runs")}, process {running.Owner.ProcessId}");
        foreach (var (name, value) in places)
        {
            await context.Output.WriteLineAsync($"  {name,-10} {value}");
        }

        if (generator is { } rate)
        {
            await context.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  {"generator",-10} {rate} made-up events/s into {DemoTraffic.Stream} (--no-generator leaves them out)"));
        }

        await context.Output.WriteLineAsync($"'logpipeline pipeline stop --data {folder}' ends it.");
    }
}
