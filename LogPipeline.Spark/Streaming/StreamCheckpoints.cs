using System.Globalization;
using LogPipeline.Core.Streams;

namespace LogPipeline.Spark.Streaming;

/// <summary>The checkpoints of all streams: <c>&lt;stream&gt;/&lt;number&gt;</c> below one folder. The highest number of a stream is in use; the others stay, because they say what the table holds.</summary>
internal sealed class StreamCheckpoints(string folder)
{
    /// <summary>The checkpoint in use; null when the stream never had one.</summary>
    /// <param name="stream">Name of the stream.</param>
    /// <param name="logId">The event log that it is to read; null for any.</param>
    public StreamCheckpoint? Latest(string stream, string? logId = null)
    {
        var parent = Path.Combine(folder, stream);
        for (var number = HighestOf(parent); number > 0; number--)
        {
            if (StreamCheckpoint.Open(Path.Combine(parent, Name(number))) is { } checkpoint && (logId is null || checkpoint.LogId == logId))
            {
                return checkpoint;
            }
        }

        return null;
    }

    /// <summary>Makes the next one.</summary>
    public StreamCheckpoint Next(StreamDefinition stream, string logId, NextOffsets next)
    {
        var parent = Path.Combine(folder, stream.Name);
        return StreamCheckpoint.Create(Path.Combine(parent, Name(HighestOf(parent) + 1)), logId, stream.Topic, next);
    }

    private static int HighestOf(string parent) => !Directory.Exists(parent) ? 0
        : Directory.EnumerateDirectories(parent).Select(Path.GetFileName).Select(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0).Append(0).Max();

    private static string Name(int number) => number.ToString("d4", CultureInfo.InvariantCulture);
}
