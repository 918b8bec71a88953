using System.Text.Json;
using LogPipeline.Core.DataFolders;

namespace LogPipeline.Core.EventLog.Embedded;

/// <summary>What a log's folder says about itself in <c>log.json</c>: made once, never changed.</summary>
/// <param name="Format">Version of the folder's layout.</param>
/// <param name="LogId">Identity of the log.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="PageBytes">Size of FASTER's pages; no entry spans two.</param>
/// <param name="SegmentBytes">Size of the files.</param>
internal sealed record LogIdentity(int Format, string LogId, string Stream, long PageBytes, long SegmentBytes)
{
    public const int FormatVersion = 1;
    private const string File = "log.json";

    public static bool IsIn(string folder) => System.IO.File.Exists(Path.Combine(folder, File));

    public static LogIdentity OpenOrCreate(string folder, string stream, long pageBytes, long segmentBytes)
    {
        var path = Path.Combine(folder, File);
        if (!System.IO.File.Exists(path))
        {
            if (Directory.Exists(folder) && Directory.EnumerateFiles(folder, SegmentDevice.Prefix + "*").Any())
            {
                throw new EventLogException($"{folder} holds events but no {File}; put the file back from a copy of the folder, or move the folder away");
            }

            Directory.CreateDirectory(folder);
            var made = new LogIdentity(FormatVersion, Guid.NewGuid().ToString("D"), stream, pageBytes, segmentBytes);
            DurableFiles.Write(path, JsonSerializer.SerializeToUtf8Bytes(made));
            DurableFiles.SyncFolder(Path.GetDirectoryName(folder)!);
            return made;
        }

        LogIdentity? read;
        try
        {
            read = JsonSerializer.Deserialize<LogIdentity>(System.IO.File.ReadAllBytes(path));
        }
        catch (JsonException error)
        {
            throw new EventLogException($"{path} is damaged: {error.Message}", error);
        }

        return read switch
        {
            null => throw new EventLogException($"{path} is empty"),
            { Format: > FormatVersion } => throw new EventLogException($"{folder} has format {read.Format}, written by a newer build; this build reads up to {FormatVersion}"),
            _ when read.Stream != stream => throw new EventLogException($"{folder} is the log of stream '{read.Stream}', not of '{stream}'"),
            _ => read,
        };
    }
}
