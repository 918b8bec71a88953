using System.Text;

namespace LogPipeline.Spark.Broker;

/// <summary>What a Connect server wrote: the last lines in memory, more in a file of bounded size and the one before it.</summary>
/// <remarks>Safe from any thread. A line reads <c>2025-01-01 10:00:00.000 WARN TaskSetManager: …</c>; lines of a stack trace have no time.</remarks>
internal sealed class SparkServerLog(string path, long maxBytes = SparkServerLog.DefaultMaxBytes) : IDisposable
{
    /// <summary>Bytes of the file before another one is begun.</summary>
    public const long DefaultMaxBytes = 4L << 20;

    /// <summary>Lines kept in memory.</summary>
    public const int Lines = 200;

    private const int LongestLine = 4_096;

    private readonly Lock gate = new();
    private readonly Queue<string> last = new();
    private FileStream? file;
    private bool broken;
    private bool closed;

    /// <summary>The last lines, oldest first.</summary>
    public IReadOnlyList<string> Last
    {
        get
        {
            lock (gate)
            {
                return [.. last];
            }
        }
    }

    /// <summary>Takes a line. A disk that does not take it does not stop the server.</summary>
    public void Add(string line)
    {
        if (line.Length > LongestLine)
        {
            line = line[..LongestLine] + "…";
        }

        lock (gate)
        {
            last.Enqueue(line);
            if (last.Count > Lines)
            {
                last.Dequeue();
            }

            if (broken || closed)
            {
                return;
            }

            try
            {
                file ??= Open(FileMode.Append);
                if (file.Length >= maxBytes)
                {
                    file.Dispose();
                    file = null;
                    File.Delete(path + ".1");
                    File.Move(path, path + ".1");
                    file = Open(FileMode.Create);
                }

                file.Write(Encoding.UTF8.GetBytes(line + "\n"));
                file.Flush();
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                broken = true;
            }
        }
    }

    /// <summary>Whether a line reports an error, or worse.</summary>
    public static bool IsError(string line)
    {
        const int afterTime = 24;
        return line.Length > afterTime && char.IsAsciiDigit(line[0])
            && (line.AsSpan(afterTime).StartsWith("ERROR ", StringComparison.Ordinal) || line.AsSpan(afterTime).StartsWith("FATAL ", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        lock (gate)
        {
            closed = true;
            file?.Dispose();
            file = null;
        }
    }

    private FileStream Open(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }
}
