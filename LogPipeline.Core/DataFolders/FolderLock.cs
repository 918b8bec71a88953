using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace LogPipeline.Core.DataFolders;

/// <summary>An exclusive lock on a file that others can read.</summary>
/// <remarks>
/// The lock is the kernel's (<c>flock</c> on the open file), so that it ends with the process however that ends.
/// .NET takes a shared lock for every file that it opens, which the exclusive one refuses; readers therefore open the
/// file with the system's own <c>open</c>.
/// Invariant: the content is rewritten in place, because a renamed file would be another file to lock.
/// </remarks>
internal sealed class FolderLock : IDisposable
{
    // Who asks whether the lock is taken has it for an instant.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly FileStream file;
    private readonly Lock gate = new();

    private FolderLock(FileStream file) => this.file = file;

    public bool IsHeld => file.CanWrite;

    /// <summary>Takes the lock, or returns null when another has it.</summary>
    /// <exception cref="DataFolderException">The volume does not lock.</exception>
    public static FolderLock? TryTake(string path)
    {
        FileStream? file = null;
        if (!SpinWait.SpinUntil(() => (file = Open(path)) is not null, Patience))
        {
            return null;
        }

        // A volume without locks grants every request: it would also grant a second one to us.
        var second = Open(path);
        if (second is not null)
        {
            second.Dispose();
            file!.Dispose();
            throw new DataFolderException(
                $"The volume of {path} does not support file locks, so two hosts could write at once; put the data folder on a local volume (LogPipeline:DataFolder)");
        }

        return new FolderLock(file!);
    }

    /// <summary>Whether somebody holds the lock now.</summary>
    public static bool IsTaken(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        try
        {
            using var mine = new FileStream(path, FileMode.Open, FileAccess.Read, Share);
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            // Another user's folder: whether it runs cannot be told; its content cannot be read either.
            return true;
        }
        catch (IOException)
        {
            return File.Exists(path);
        }
    }

    /// <summary>What the holder wrote; null when there is nothing that can be read.</summary>
    public static FolderOwner? Read(string path)
    {
        try
        {
            using var handle = OpenUnlocked(path);
            var bytes = new byte[4096];
            var count = RandomAccess.Read(handle, bytes, 0);
            return count == 0 ? null : JsonSerializer.Deserialize<FolderOwner>(bytes.AsSpan(0, count));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    public void Write(FolderOwner owner)
    {
        lock (gate)
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(owner);
            RandomAccess.SetLength(file.SafeFileHandle, 0);
            RandomAccess.Write(file.SafeFileHandle, bytes, 0);
            file.Flush(flushToDisk: true);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            if (file.CanWrite)
            {
                // The next reader must not find a token or address that nobody answers to.
                RandomAccess.SetLength(file.SafeFileHandle, 0);
                file.Dispose();
            }
        }
    }

    // On Windows FileShare.None would refuse readers too; there Read refuses every other writer.
    private static FileShare Share => OperatingSystem.IsWindows() ? FileShare.Read : FileShare.None;

    private static FileStream? Open(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = Share,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            return new FileStream(path, options);
        }
        catch (IOException error) when (IsSharingViolation(error))
        {
            return null;
        }
    }

    // EWOULDBLOCK is 11 on Linux and 35 on macOS; Windows says ERROR_SHARING_VIOLATION.
    private static bool IsSharingViolation(IOException error) =>
        error.GetType() == typeof(IOException) && error.HResult is 11 or 35 or unchecked((int)0x80070020);

    private static SafeFileHandle OpenUnlocked(string path) => OperatingSystem.IsWindows()
        ? File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite)
        : Posix.OpenForReading(path);
}
