namespace LogPipeline.Tests.Lake;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder(string? within = null) : IDisposable
{
    private const string MemoryVolume = "/dev/shm";

    public string Path { get; } = within is null
        ? Directory.CreateTempSubdirectory("lake-").FullName
        : Directory.CreateDirectory(System.IO.Path.Combine(within, $"lake-{Guid.NewGuid():N}")).FullName;

    /// <summary>A folder in memory where the machine has that much room in memory, for tests that wait for the disk else.</summary>
    public static TemporaryFolder InMemory(long bytes) => new(
        Directory.Exists(MemoryVolume) && new DriveInfo(MemoryVolume).AvailableFreeSpace >= bytes ? MemoryVolume : null);

    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
