using System.Globalization;

namespace LogPipeline.Core.DataFolders;

/// <summary>The folder that holds everything a host keeps, and its one owner.</summary>
/// <remarks>
/// Layout: <c>host.lock</c> (locked by the owner; pid, URL, token), <c>format</c> (version of the layout, one line),
/// <c>eventlog/&lt;stream&gt;/</c>, <c>lake/&lt;table&gt;/</c>, <c>state/</c>, <c>tmp/</c> (emptied when a new owner comes).
/// </remarks>
public sealed class DataFolder : IDisposable
{
    /// <summary>Version of the layout that this build reads and writes.</summary>
    public const int FormatVersion = 1;

    private const string LockFile = "host.lock";
    private const string FormatFile = "format";

    private readonly FolderLock? hold;

    private DataFolder(string path, FolderLock? hold)
    {
        Path = path;
        this.hold = hold;
    }

    /// <summary>Absolute path.</summary>
    public string Path { get; }

    /// <summary>Whether this process owns it; otherwise it may only be read.</summary>
    public bool IsOwner => hold is { IsHeld: true };

    /// <summary>Folder of the event logs, one folder a stream.</summary>
    public string EventLog => System.IO.Path.Combine(Path, "eventlog");

    /// <summary>Folder of the tables.</summary>
    public string Lake => System.IO.Path.Combine(Path, "lake");

    /// <summary>Folder of small states that survive a restart.</summary>
    public string State => System.IO.Path.Combine(Path, "state");

    /// <summary>Folder of what need not survive a restart.</summary>
    public string Temporary => System.IO.Path.Combine(Path, "tmp");

    /// <summary>Becomes the owner, making the folder when it is not there.</summary>
    /// <param name="path">The folder; a relative one counts from the working folder.</param>
    /// <param name="owner">What other processes are told.</param>
    /// <returns>The folder, or who owns it.</returns>
    /// <exception cref="DataFolderException">It cannot be made, written or locked, or another build's format is in it.</exception>
    public static FolderAcquisition Acquire(string path, FolderOwner owner)
    {
        path = System.IO.Path.GetFullPath(path);
        if (File.Exists(path))
        {
            throw new DataFolderException($"{path} is a file, not a data folder; give another path");
        }

        FolderLock? hold = null;
        try
        {
            Directory.CreateDirectory(path);
            hold = FolderLock.TryTake(System.IO.Path.Combine(path, LockFile));
            if (hold is null)
            {
                return new FolderAcquisition.Owned(ReadOwner(path));
            }

            CheckFormat(path);
            hold.Write(owner);
            var folder = new DataFolder(path, hold);
            folder.Prepare();
            return new FolderAcquisition.Acquired(folder);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            hold?.Dispose();
            throw new DataFolderException($"The data folder {path} cannot be written: {error.Message}", error);
        }
        catch
        {
            hold?.Dispose();
            throw;
        }
    }

    /// <summary>Opens a folder for reading, whoever owns it.</summary>
    /// <exception cref="DataFolderException">There is none, or another build's format is in it.</exception>
    public static DataFolder OpenReadOnly(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        if (!Directory.Exists(path))
        {
            throw new DataFolderException(File.Exists(path)
                ? $"{path} is a file, not a data folder; give another path"
                : $"There is no data folder {path}; start 'serve' or 'demo', or give another path");
        }

        CheckFormat(path);
        return new DataFolder(path, null);
    }

    /// <summary>Who owns a folder now; null when nobody does, or when the owner has not said who it is.</summary>
    public static FolderOwner? FindOwner(string path)
    {
        var file = System.IO.Path.Combine(System.IO.Path.GetFullPath(path), LockFile);
        return FolderLock.IsTaken(file) ? FolderLock.Read(file) : null;
    }

    /// <summary>Tells other processes something new about the owner, such as the URL once the server is bound.</summary>
    /// <exception cref="InvalidOperationException">This process does not own the folder.</exception>
    public void Publish(FolderOwner owner)
    {
        if (!IsOwner)
        {
            throw new InvalidOperationException("Only the owner of a data folder can say who it is");
        }

        hold!.Write(owner);
    }

    /// <summary>Gives the folder up.</summary>
    public void Dispose() => hold?.Dispose();

    /// <summary>What the lock's file says, whoever holds it or not. Unlike <see cref="FindOwner"/> it never has the lock itself, which would hold up a host that starts at that moment.</summary>
    internal static FolderOwner? ReadOwner(string path) => FolderLock.Read(System.IO.Path.Combine(path, LockFile));

    private static void CheckFormat(string path)
    {
        var file = System.IO.Path.Combine(path, FormatFile);
        if (!File.Exists(file))
        {
            return;
        }

        var text = File.ReadAllText(file).Trim();
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) || version < 1)
        {
            throw new DataFolderException($"{file} does not hold a format version but '{(text.Length > 40 ? text[..40] : text)}'; is this a data folder of LogPipeline?");
        }

        if (version > FormatVersion)
        {
            throw new DataFolderException(
                $"The data folder {path} has format {version}, written by a newer build; this build reads up to {FormatVersion}. Use the newer build, or another folder");
        }
    }

    private void Prepare()
    {
        foreach (var folder in new[] { EventLog, Lake, State })
        {
            Directory.CreateDirectory(folder);
        }

        if (Directory.Exists(Temporary))
        {
            Directory.Delete(Temporary, recursive: true);
        }

        Directory.CreateDirectory(Temporary);
        var format = System.IO.Path.Combine(Path, FormatFile);
        if (!File.Exists(format))
        {
            DurableFiles.Write(format, System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{FormatVersion}\n")));
        }

        DurableFiles.SyncFolder(Path);
    }
}
