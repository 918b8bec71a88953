using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LogPipeline.Core.Ingest.Files;

/// <summary>Tells whether two open files are the same one, whatever their names.</summary>
internal static partial class FileIdentity
{
    private const int AtEmptyPath = 0x1000;
    private const uint Inode = 0x100;

    /// <summary>Device and inode on Linux; elsewhere the time of creation, which a rename keeps.</summary>
    public static (long Device, long Number) Of(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            return (0, File.GetCreationTimeUtc(file).Ticks);
        }

        Span<byte> status = stackalloc byte[256];
        return Status(file, "", AtEmptyPath, Inode, ref MemoryMarshal.GetReference(status)) == 0
            ? (MemoryMarshal.Read<long>(status[136..]), MemoryMarshal.Read<long>(status[32..]))
            : throw new IOException($"statx failed with error {Marshal.GetLastPInvokeError()}");
    }

    // struct statx: stx_ino at 32, stx_dev_major and stx_dev_minor at 136 (linux/stat.h).
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(SafeFileHandle folder, string path, int flags, uint mask, ref byte status);
}
