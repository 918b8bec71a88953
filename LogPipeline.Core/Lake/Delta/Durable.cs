using LogPipeline.Core.DataFolders;

namespace LogPipeline.Core.Lake.Delta;

/// <summary>fsync of data files and of the folders that name them.</summary>
internal static class Durable
{
    /// <summary>Writes a new file and makes its content durable; its name is durable after <see cref="SyncFolder"/>.</summary>
    public static void WriteFile(string path, ReadOnlySpan<byte> content)
    {
        using var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        RandomAccess.Write(handle, content, 0);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>Makes the content of a file that another writer wrote durable.</summary>
    public static void SyncFile(string path)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, OperatingSystem.IsWindows() ? FileAccess.ReadWrite : FileAccess.Read, FileShare.ReadWrite);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>Makes the names in a folder durable.</summary>
    /// <exception cref="IOException">The folder cannot be synced.</exception>
    public static void SyncFolder(string path) => DurableFiles.SyncFolder(path);

    /// <summary>Makes a folder and every missing folder above it, each name durable in its parent.</summary>
    public static void CreateFolder(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        var parent = Path.GetDirectoryName(path);
        if (!string.IsNullOrEmpty(parent))
        {
            CreateFolder(parent);
        }

        Directory.CreateDirectory(path);
        if (!string.IsNullOrEmpty(parent))
        {
            SyncFolder(parent);
        }
    }
}
