using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LogPipeline.Core.Ingest.Files;

/// <summary>Tells whether two open files are the same one, whatever their names.</summary>
internal static partial class FileIdentity
{
    private const int AtEmptyPath = 0x1000;
    private const uint InodeAndBirth = 0x900;

    /// <summary>Device, inode and birth on Linux, where the number of a removed file is soon another's; elsewhere the time of creation, which a rename keeps.</summary>
    public static (long Device, long Number, Int128 Birth) Of(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            return (0, File.GetCreationTimeUtc(file).Ticks, 0);
        }

        Span<byte> status = stackalloc byte[256];
        return Status(file, "", AtEmptyPath, InodeAndBirth, ref MemoryMarshal.GetReference(status)) == 0
            ? (MemoryMarshal.Read<long>(status[136..]), MemoryMarshal.Read<long>(status[32..]), new Int128(MemoryMarshal.Read<ulong>(status[80..]), MemoryMarshal.Read<uint>(status[88..])))
            : throw new IOException($"statx failed with error {Marshal.GetLastPInvokeError()}");
    }

    // struct statx: stx_ino at 32, stx_btime at 80 (zero where the file system keeps none), stx_dev_major and stx_dev_minor at 136 (linux/stat.h).
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(SafeFileHandle folder, string path, int flags, uint mask, ref byte status);
}
