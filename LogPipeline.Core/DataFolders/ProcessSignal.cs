using System.Runtime.InteropServices;

namespace LogPipeline.Core.DataFolders;

/// <summary>Signals to other processes.</summary>
internal static partial class ProcessSignal
{
    private const int SigTerm = 15;
    private const int NoSuchProcess = 3;

    /// <summary>Asks a process to end.</summary>
    /// <returns>False when there is no such process any more.</returns>
    /// <exception cref="IOException">It is another user's.</exception>
    public static bool Terminate(int processId)
    {
        if (Kill(processId, SigTerm) == 0)
        {
            return true;
        }

        var code = Marshal.GetLastPInvokeError();
        return code == NoSuchProcess ? false : throw new IOException($"Process {processId} cannot be asked to end: {Marshal.GetPInvokeErrorMessage(code)}", code);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int processId, int signal);
}
