using System.ComponentModel;
using System.Runtime.InteropServices;

namespace LogPipeline.Core.Lake.Delta;

/// <summary>How a volume puts a file in place only if the name is free.</summary>
internal enum PutIfAbsent
{
    /// <summary><c>link(2)</c>, then <c>unlink</c> of the temporary name.</summary>
    Link,

    /// <summary><c>renameat2(RENAME_NOREPLACE)</c>, where links are refused.</summary>
    RenameNoReplace,

    /// <summary><c>MoveFileEx</c> without replacing.</summary>
    MoveFileEx,
}

/// <summary>Steps of a commit that tests stop at.</summary>
internal enum CommitStep
{
    /// <summary>Data files are written but not synced.</summary>
    DataWritten,

    /// <summary>Data files and their folders are synced.</summary>
    DataSynced,

    /// <summary>The temporary commit file is written and synced.</summary>
    CommitWritten,

    /// <summary>The commit has its name; the folder is not synced.</summary>
    CommitLinked,

    /// <summary>The commit is durable.</summary>
    CommitSynced,
}

/// <summary>Puts commit <c>N.json</c> in place if nobody else has: readers see it whole or not at all, and of several writers one wins.</summary>
/// <remarks>
/// The content is synced before the name exists, and the folder after it: whoever sees the name after a crash sees the whole
/// content. <c>File.Move</c> without overwrite is no substitute: on Unix it looks first and renames then, and two writers can win.
/// </remarks>
internal sealed partial class AtomicCommit
{
    private const int FileExists = 17;
    private const int WindowsFileExists = 80;
    private const int WindowsAlreadyExists = 183;
    private const int CurrentFolder = -100;
    private const uint RenameNoReplace = 1;
    private const uint WriteThrough = 8;
    private readonly PutIfAbsent means;

    internal AtomicCommit(PutIfAbsent means) => this.means = means;

    /// <summary>What tests observe; null in production.</summary>
    internal Action<CommitStep>? Reached { get; set; }

    /// <summary>What the volume offers.</summary>
    public PutIfAbsent Means => means;

    /// <summary>Tries what the volume of a folder offers, best first.</summary>
    /// <exception cref="LakeException">It offers none of them, so that commits could overwrite each other.</exception>
    public static AtomicCommit Probe(string folder)
    {
        PutIfAbsent[] candidates = OperatingSystem.IsWindows() ? [PutIfAbsent.MoveFileEx] : [PutIfAbsent.Link, PutIfAbsent.RenameNoReplace];
        foreach (var candidate in candidates)
        {
            if (Works(candidate, folder))
            {
                return new AtomicCommit(candidate);
            }
        }

        throw new LakeException(
            $"The volume of '{folder}' can neither link nor rename without replacing, so commits to tables on it are not safe; put LogPipeline:DataFolder (or DELTA_LAKE_PATH) on a local file system");
    }

    /// <summary>Commits.</summary>
    /// <param name="logFolder">The table's <c>_delta_log</c>.</param>
    /// <param name="version">Version to commit.</param>
    /// <param name="content">The actions.</param>
    /// <param name="commitTime">Becomes the file's modification time, which is the commit's time.</param>
    /// <returns>False when the version is taken.</returns>
    /// <exception cref="IOException">The volume failed; whether the commit is there must be read from the log.</exception>
    public bool TryCommit(string logFolder, long version, ReadOnlySpan<byte> content, DateTimeOffset commitTime)
    {
        var name = LogFile.CommitName(version);
        var temporary = Path.Combine(logFolder, $".{name}.{Guid.NewGuid():N}.tmp");
        try
        {
            using (var handle = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read))
            {
                RandomAccess.Write(handle, content, 0);
                File.SetLastWriteTimeUtc(handle, commitTime.UtcDateTime);
                RandomAccess.FlushToDisk(handle);
            }

            Reached?.Invoke(CommitStep.CommitWritten);
            if (!TryPut(means, temporary, Path.Combine(logFolder, name)))
            {
                File.Delete(temporary);
                return false;
            }
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }

        Reached?.Invoke(CommitStep.CommitLinked);
        if (means == PutIfAbsent.Link)
        {
            TryDelete(temporary);
        }

        Durable.SyncFolder(logFolder);
        Reached?.Invoke(CommitStep.CommitSynced);
        return true;
    }

    /// <summary>Makes a file if nobody else has, as <see cref="TryCommit"/> does.</summary>
    /// <returns>False when the name is taken.</returns>
    /// <exception cref="IOException">The volume failed.</exception>
    public bool TryPut(string path, ReadOnlySpan<byte> content)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Durable.WriteFile(temporary, content);
            if (!TryPut(means, temporary, path))
            {
                return false;
            }

            Durable.SyncFolder(Path.GetDirectoryName(path)!);
            return true;
        }
        finally
        {
            TryDelete(temporary);
        }
    }

    private static bool Works(PutIfAbsent candidate, string folder)
    {
        var first = Path.Combine(folder, $".probe-{Guid.NewGuid():N}");
        var second = first + "-second";
        var target = first + "-target";
        try
        {
            File.WriteAllText(first, "");
            File.WriteAllText(second, "");
            return TryPut(candidate, first, target) && !TryPut(candidate, second, target);
        }
        catch (Exception error) when (error is IOException or EntryPointNotFoundException)
        {
            return false;
        }
        finally
        {
            TryDelete(first);
            TryDelete(second);
            TryDelete(target);
        }
    }

    private static bool TryPut(PutIfAbsent means, string from, string to)
    {
        switch (means)
        {
            case PutIfAbsent.Link when Link(from, to) == 0:
            case PutIfAbsent.RenameNoReplace when RenameAt2(CurrentFolder, from, CurrentFolder, to, RenameNoReplace) == 0:
            case PutIfAbsent.MoveFileEx when MoveFileEx(from, to, WriteThrough):
                return true;
            default:
                var error = Marshal.GetLastPInvokeError();
                return error is FileExists || (means == PutIfAbsent.MoveFileEx && error is WindowsFileExists or WindowsAlreadyExists)
                    ? false
                    : throw new IOException($"{means} of {to}: {new Win32Exception(error).Message}");
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A left-over temporary file is ignored by readers and removed by log cleanup.
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(string from, string to);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int RenameAt2(int fromFolder, string from, int toFolder, string to, uint flags);

    [LibraryImport("kernel32", EntryPoint = "MoveFileExW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool MoveFileEx(string from, string to, uint flags);
}
