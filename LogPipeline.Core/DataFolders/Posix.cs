using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LogPipeline.Core.DataFolders;

/// <summary>The few system calls that .NET has no name for.</summary>
internal static partial class Posix
{
    private const int CloseOnExec = 0x80000;
    private const int CloseOnExecMac = 0x1000000;

    /// <summary>Opens without the advisory lock that .NET takes with every open.</summary>
    public static SafeFileHandle OpenForReading(string path)
    {
        var handle = Open(path, OperatingSystem.IsMacOS() ? CloseOnExecMac : CloseOnExec);
        return handle < 0 ? throw Error("open", path) : new SafeFileHandle(handle, ownsHandle: true);
    }

    /// <summary>Makes a folder's entries durable.</summary>
    public static void SyncFolder(string path)
    {
        using var handle = OpenForReading(path);
        if (FSync(handle) != 0)
        {
            throw Error("fsync", path);
        }
    }

    /// <summary>Makes a file's content durable, and its length where that changed.</summary>
    public static void SyncData(SafeFileHandle handle, string path)
    {
        if ((OperatingSystem.IsLinux() ? FDataSync(handle) : FSync(handle)) != 0)
        {
            throw Error("fdatasync", path);
        }
    }

    /// <summary>Renames atomically over whatever has the new name.</summary>
    public static void RenameOver(string from, string to)
    {
        if (Rename(from, to) != 0)
        {
            throw Error("rename", to);
        }
    }

    private static IOException Error(string call, string path)
    {
        var code = Marshal.GetLastPInvokeError();
        return new IOException($"{call} {path}: {Marshal.GetPInvokeErrorMessage(code)}", code);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FSync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FDataSync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Rename(string from, string to);
}
