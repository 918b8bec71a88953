using System.Runtime.InteropServices;

namespace LogPipeline.Web.CommandLine;

/// <summary>Ctrl-C and SIGTERM ask a command to end. More of them change nothing, except that Ctrl-C once more ends the process at once, for who does not want to wait.</summary>
internal sealed class TerminationSignals : IDisposable
{
    private readonly CancellationTokenSource asked = new();
    private readonly PosixSignalRegistration[] registrations;
    private int interrupts;

    public TerminationSignals() => registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupted), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Terminated)];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => asked.Token;

    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }

        asked.Dispose();
    }

    private void Interrupted(PosixSignalContext signal)
    {
        signal.Cancel = Interlocked.Increment(ref interrupts) == 1;
        Ask();
    }

    private void Terminated(PosixSignalContext signal)
    {
        signal.Cancel = true;
        Ask();
    }

    private void Ask()
    {
        try
        {
            asked.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The command ended at the same moment.
        }
    }
}
