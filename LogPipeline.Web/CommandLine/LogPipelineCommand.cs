using System.CommandLine;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Query;
using LogPipeline.Web.CommandLine.Pipeline;
using LogPipeline.Web.Hosting;

namespace LogPipeline.Web.CommandLine;

/// <summary>The command line: one executable, a verb for each thing to do.</summary>
internal static class LogPipelineCommand
{
    /// <summary>Runs a command line.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        using var signals = new TerminationSignals();
        return await RunAsync(arguments, output, error, HostArguments.OfProcess(), signals.Token);
    }

    /// <summary>Runs a command line in a given folder and environment.</summary>
    internal static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error, HostArguments process, CancellationToken cancellationToken)
    {
        var context = new CommandContext(output, error, new CommonOptions(), process);
        var parsed = CreateRoot(context).Parse(ModeOption.ToVerb(arguments));
        if (parsed.Errors.Count > 0 && parsed.Action is System.CommandLine.Invocation.ParseErrorAction or null)
        {
            foreach (var problem in parsed.Errors)
            {
                await error.WriteLineAsync(problem.Message);
            }

            var path = string.Join(' ', PathOf(parsed.CommandResult.Command));
            await error.WriteLineAsync(arguments.Length == 0 ? "Try 'logpipeline demo', or --help for all verbs." : $"Try '{path} --help'.");
            return ExitCodes.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                cancellationToken);
        }
        catch (Exception failure) when (ExitCodeOf(failure) is { } code)
        {
            await error.WriteLineAsync(failure.Message);
            return code;
        }
    }

    private static RootCommand CreateRoot(CommandContext context)
    {
        var root = new RootCommand("LogPipeline: web logs in; live dashboard, Delta tables and Spark SQL out.");
        context.Common.AddTo(root);
        root.Add(ServeCommand.Create(context));
        root.Add(DemoCommand.Create(context));
        root.Add(GenerateCommand.Create(context));
        root.Add(ImportCommand.Create(context));
        root.Add(QueryCommand.Create(context));
        root.Add(TestCommand.Create(context));
        root.Add(LakeCommand.Create(context));
        root.Add(PipelineCommand.Create(context));
        root.Add(EngineCommand.Create(context));
        Help.Teach(root);
        return root;
    }

    private static IEnumerable<string> PathOf(Symbol command) =>
        command.Parents.FirstOrDefault() is { } parent ? PathOf(parent).Append(command.Name) : ["logpipeline"];

    private static int? ExitCodeOf(Exception failure) => failure switch
    {
        ConfigurationException => ExitCodes.Usage,
        FolderOwnedException => ExitCodes.FolderOwned,
        OperationCanceledException or PortInUseException or DataFolderException or LakeException or QueryException or CommandException or IngestException or EventLogException
            or HttpRequestException or IOException or UnauthorizedAccessException => ExitCodes.Failed,
        _ => null,
    };
}

/// <summary>A verb cannot do what was asked; the message says why.</summary>
internal sealed class CommandException : Exception
{
    public CommandException()
    {
    }

    public CommandException(string message)
        : base(message)
    {
    }

    public CommandException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
