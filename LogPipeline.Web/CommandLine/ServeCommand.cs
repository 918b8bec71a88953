using System.CommandLine;
using LogPipeline.Core.Configuration;
using LogPipeline.Web.Hosting;

namespace LogPipeline.Web.CommandLine;

/// <summary><c>serve</c>: runs the host until Ctrl-C.</summary>
internal static class ServeCommand
{
    public static Command Create(CommandContext context)
    {
        var listen = new ListenOptions();
        var command = new Command("serve", "Run the host: pages, REST, ingest, tables, queries. Ctrl-C ends it without losing anything.");
        listen.AddTo(command);
        var input = new Option<string[]>("--input", "-i") { Description = "Follow a file like tail -F; - takes lines from standard input", HelpName = "FILE|-" };
        var format = new Option<string?>("--format", "-f") { Description = "Format of the inputs; found out when absent", HelpName = "FORMAT" };
        var stream = new Option<string?>("--stream") { Description = "Stream that the inputs belong to", HelpName = "NAME" };
        command.Add(input);
        command.Add(format);
        command.Add(stream);
        var generate = GenerateOption();
        command.Add(generate);
        command.SetAction(async (parsed, cancellation) =>
        {
            var configuration = context.Load(parsed, listen.Refine(parsed));
            if (FindStream(context, configuration, parsed.GetValue(stream)) is not { } target
                || (parsed.GetValue(generate) is not null && FindStream(context, configuration, DemoTraffic.Stream) is null))
            {
                return ExitCodes.Usage;
            }

            var inputs = (parsed.GetValue(input) ?? []).Select(file => file == "-" ? file : Path.GetFullPath(file, context.Process.WorkingFolder)).ToList();
            await using var host = PipelineHost.Create(configuration);
            return await RunAsync(
                context, host, configuration,
                token => Task.WhenAll(
                    InputSources.RunAsync(host.Services, inputs, target, parsed.GetValue(format), token),
                    parsed.GetValue(generate) is { } rate ? new DemoTraffic(host.Services, Random.Shared.Next(), rate).RunFromNowAsync(token) : Task.CompletedTask),
                cancellation);
        });
        return command;
    }

    /// <summary>The name of a stream, or of the first one; null when there is none, which was told.</summary>
    public static string? FindStream(CommandContext context, HostConfiguration configuration, string? name)
    {
        name ??= configuration.Streams.Default.Name;
        if (configuration.Streams.Find(name) is not null)
        {
            return name;
        }

        context.Error.WriteLine($"There is no stream '{name}'; there is {string.Join(", ", configuration.Streams.All.Select(one => one.Name))}.");
        return null;
    }

    /// <summary>The address to open, with the token that it asks for.</summary>
    public static string PageOf(string url, AuthOptions auth) => auth.Token is { } token ? $"{url}/login?token={Uri.EscapeDataString(token)}" : url;

    /// <summary>Starts a host, says where it is, runs something beside it, and drains it when cancelled.</summary>
    public static Task<int> RunAsync(
        CommandContext context, PipelineHost host, HostConfiguration configuration, Func<CancellationToken, Task> beside, CancellationToken cancellation) =>
        RunAsync(host, () => AnnounceAsync(context, host, configuration), beside, cancellation);

    /// <summary>The same with other words.</summary>
    public static async Task<int> RunAsync(PipelineHost host, Func<Task> announce, Func<CancellationToken, Task> beside, CancellationToken cancellation)
    {
        await host.StartAsync(cancellation);
        await announce();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation, host.App.Lifetime.ApplicationStopping);
        var work = beside(ended.Token);
        try
        {
            await Task.WhenAny(work, Task.Delay(Timeout.Infinite, ended.Token));
            await work;
            await Task.Delay(Timeout.Infinite, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // Ctrl-C is how it ends: the sources have stopped, now everything behind them drains.
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }

        return ExitCodes.Done;
    }

    private static Option<double?> GenerateOption()
    {
        var option = new Option<double?>("--generate") { Description = "Add made-up traffic, this many events a second", HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is <= 0 or > GenerateCommand.HighestRate)
            {
                result.AddError($"--generate must be above 0 and at most {GenerateCommand.HighestRate}");
            }
        });
        return option;
    }

    private static async Task AnnounceAsync(CommandContext context, PipelineHost host, HostConfiguration configuration)
    {
        var auth = configuration.Host.Auth;
        await context.Output.WriteLineAsync($"LogPipeline {ProductVersion.Text} on {PageOf(host.Url, auth)}  (data in {configuration.Host.DataFolder}; Ctrl-C ends it)");
        await context.Output.FlushAsync();
        if (auth.AllowAnonymous && PipelineOptionsRules.AddressOf(configuration.Host.Http.Bind) is { } address && !System.Net.IPAddress.IsLoopback(address))
        {
            await context.Error.WriteLineAsync(AnonymousBanner);
        }
    }

    /// <summary>What everybody sees while everybody may do everything.</summary>
    public const string AnonymousBanner =
        "WARNING: everyone who can reach this host can read and write everything (--allow-anonymous). Set LogPipeline:Auth:Token to ask for a token.";
}

/// <summary>Where a host listens.</summary>
internal sealed class ListenOptions
{
    private readonly Option<int?> port = new("--port", "-p") { Description = "Port (default 4000; 0 takes a free one)", HelpName = "PORT" };
    private readonly Option<string?> bind = new("--bind") { Description = "Address to listen on (default 127.0.0.1)", HelpName = "ADDRESS" };
    private readonly Option<bool> anonymous = new("--allow-anonymous") { Description = "Serve beyond this machine without a token" };

    public void AddTo(Command command)
    {
        command.Add(port);
        command.Add(bind);
        command.Add(anonymous);
    }

    public Func<HostArguments, HostArguments> Refine(ParseResult parsed) => arguments => arguments with
    {
        Port = parsed.GetValue(port),
        Bind = parsed.GetValue(bind),
        AllowAnonymous = parsed.GetValue(anonymous),
    };
}
