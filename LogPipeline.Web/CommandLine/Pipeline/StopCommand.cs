using System.CommandLine;
using System.Globalization;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.DataFolders;
using LogPipeline.Web.Hosting;

namespace LogPipeline.Web.CommandLine.Pipeline;

/// <summary><c>pipeline stop</c>: drains the host of a data folder and waits for its end.</summary>
internal static class StopCommand
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    public static Command Create(CommandContext context)
    {
        var patience = StartCommand.WaitOption("60s");
        var command = new Command("stop", "Drain the host of the data folder and end it.") { patience };
        command.SetAction(async (parsed, cancellation) =>
        {
            var configuration = context.Load(parsed);
            using var owner = OwnerClient.Find(configuration.Host.DataFolder);
            if (owner is null)
            {
                await context.Error.WriteLineAsync($"Nothing runs on {configuration.Host.DataFolder}.");
                return ExitCodes.Done;
            }

            var begin = TimeProvider.System.GetTimestamp();
            if (!await StopAsync(owner, configuration, OptionValues.ReadDuration(parsed.GetRequiredValue(patience))!.Value, cancellation))
            {
                await context.Error.WriteLineAsync($"{owner.Owner} was asked to end and still drains; nothing is lost when it is killed, either.");
                return ExitCodes.Failed;
            }

            await context.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"Process {owner.Owner.ProcessId} ended after {TimeProvider.System.GetElapsedTime(begin).TotalSeconds:0.0} s."));
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<bool> StopAsync(OwnerClient owner, HostConfiguration configuration, TimeSpan patience, CancellationToken cancellation)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new CommandException("pipeline stop needs a system with signals; press Ctrl-C where the host runs");
        }

        await ConfirmAsync(owner, configuration, cancellation);
        if (!ProcessSignal.Terminate(owner.Owner.ProcessId))
        {
            return true;
        }

        // The kernel gives the folder back when the process ends in whatever way.
        var begin = TimeProvider.System.GetTimestamp();
        while (DataFolder.FindOwner(configuration.Host.DataFolder)?.ProcessId == owner.Owner.ProcessId)
        {
            if (TimeProvider.System.GetElapsedTime(begin) > patience)
            {
                return false;
            }

            await Task.Delay(Interval, TimeProvider.System, cancellation);
        }

        return true;
    }

    /// <summary>Hears from the owner itself that it is: the lock's content may be that of a host that was killed, whose number another program has now.</summary>
    private static async Task ConfirmAsync(OwnerClient owner, HostConfiguration configuration, CancellationToken cancellation)
    {
        using var answering = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        answering.CancelAfter(AnswerTime);
        try
        {
            using var running = await RunningPipeline.ReadAsync(owner, configuration.Streams, answering.Token);
            if (running.ProcessId != owner.Owner.ProcessId)
            {
                throw new CommandException($"Process {running.ProcessId} answers at {owner.Owner.Url}, and not process {owner.Owner.ProcessId}; try again");
            }
        }
        catch (Exception error) when (error is HttpRequestException || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new CommandException($"{owner.Owner} does not answer, so that it cannot be asked to end; kill -TERM {owner.Owner.ProcessId} drains it if it is LogPipeline", error);
        }
    }
}
