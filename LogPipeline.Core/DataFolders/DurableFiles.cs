namespace LogPipeline.Core.DataFolders;

/// <summary>Small files that are there completely or not at all, whatever happens.</summary>
internal static class DurableFiles
{
    /// <summary>Writes or replaces a file: temporary file → fsync → rename → fsync of the folder. A file that is replaced keeps its permissions.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".new";
        using (var handle = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write, FileShare.Read))
        {
            if (!OperatingSystem.IsWindows() && File.Exists(path))
            {
                File.SetUnixFileMode(handle, File.GetUnixFileMode(path));
            }

            RandomAccess.Write(handle, content, 0);
            RandomAccess.FlushToDisk(handle);
        }

        if (OperatingSystem.IsWindows())
        {
            if (File.Exists(path))
            {
                File.Replace(temporary, path, null);
            }
            else
            {
                File.Move(temporary, path);
            }
        }
        else
        {
            Posix.RenameOver(temporary, path);
        }

        SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Makes the names in a folder durable. Windows does so by itself.</summary>
    public static void SyncFolder(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            Posix.SyncFolder(path);
        }
    }
}
