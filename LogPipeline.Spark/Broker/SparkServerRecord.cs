using System.Text.Json;
using LogPipeline.Core.DataFolders;

namespace LogPipeline.Spark.Broker;

/// <summary>How other processes of the same user reach a Connect server: <c>state/spark.json</c>.</summary>
/// <param name="Host">Address that it binds.</param>
/// <param name="Port">Its port.</param>
/// <param name="Token">Its secret.</param>
/// <param name="ProcessId">Process of the server.</param>
/// <param name="StartedAt">When that process started, by the system; with the id it names a process for good.</param>
/// <param name="Owner">Process that started it and ends it.</param>
/// <param name="Lake">Folder of the tables that it has registered.</param>
/// <param name="SparkVersion">Such as <c>4.2.0</c>.</param>
/// <param name="DeltaVersion">Such as <c>4.4.0</c>.</param>
/// <param name="UiUrl">Address of Spark's own pages; null without.</param>
internal sealed record SparkServerRecord(
    string Host,
    int Port,
    string Token,
    int ProcessId,
    DateTimeOffset StartedAt,
    int Owner,
    string? Lake,
    string SparkVersion,
    string DeltaVersion,
    string? UiUrl)
{
    /// <summary>Without the token, for messages.</summary>
    public override string ToString() => $"Spark {SparkVersion} on {Host}:{Port}, process {ProcessId} of process {Owner}";

    /// <summary>Writes it where only its owner reads it, whole or not at all.</summary>
    public void Write(string path)
    {
        var temporary = path + ".new";
        SparkServerFolder.WritePrivate(temporary, JsonSerializer.Serialize(this));
        if (OperatingSystem.IsWindows())
        {
            File.Delete(path);
            File.Move(temporary, path);
        }
        else
        {
            Posix.RenameOver(temporary, path);
        }
    }

    /// <summary>Reads it; null when there is none that can be read.</summary>
    public static SparkServerRecord? Read(string path)
    {
        try
        {
            return File.Exists(path) && JsonSerializer.Deserialize<SparkServerRecord>(File.ReadAllBytes(path)) is { Host: not null, Token: not null, Port: > 0 } record ? record : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
