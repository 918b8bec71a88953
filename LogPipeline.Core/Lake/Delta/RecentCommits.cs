using System.Globalization;

namespace LogPipeline.Core.Lake.Delta;

/// <summary>Figures of a table's latest commits, for the health page. Safe from any thread.</summary>
internal sealed class RecentCommits
{
    private const int Versions = 60;
    private const int Durations = 100;
    private readonly Lock gate = new();
    private readonly Queue<long> rows = new(Versions);
    private readonly Queue<double> milliseconds = new(Durations);

    /// <summary>Takes note of a commit.</summary>
    /// <param name="rowCount">Rows that it added.</param>
    /// <param name="elapsed">From cutting the batch to its durable commit; null when it was not measured.</param>
    public void Add(long rowCount, TimeSpan? elapsed)
    {
        lock (gate)
        {
            Put(rows, Versions, rowCount);
            if (elapsed is { } time)
            {
                Put(milliseconds, Durations, time.TotalMilliseconds);
            }
        }
    }

    /// <summary>Rows of the latest commits, oldest first.</summary>
    public IReadOnlyList<long> Rows()
    {
        lock (gate)
        {
            return [.. rows];
        }
    }

    /// <summary>What 99 of 100 commits took at most, in milliseconds; null before the first one.</summary>
    public double? CommitP99()
    {
        lock (gate)
        {
            return milliseconds.Count == 0 ? null : milliseconds.Order().ElementAt((int)Math.Ceiling(milliseconds.Count * 0.99) - 1);
        }
    }

    /// <summary>Begins with what the log says of the commits before this process.</summary>
    public static RecentCommits Read(string logFolder, long latest)
    {
        var recent = new RecentCommits();
        for (var version = Math.Max(0, latest - Versions + 1); version <= latest; version++)
        {
            var path = Path.Combine(logFolder, LogFile.CommitName(version));
            if (File.Exists(path) && RowsOf(ActionJson.ReadFile(path)) is { } count)
            {
                recent.Add(count, null);
            }
        }

        return recent;
    }

    /// <summary>Rows that a commit added by its own account; null when it is no append.</summary>
    public static long? RowsOf(IEnumerable<DeltaAction> actions) =>
        actions.OfType<CommitInfoAction>().FirstOrDefault()?.OperationMetrics.GetValueOrDefault("numOutputRows") is { } text
        && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;

    private static void Put<T>(Queue<T> queue, int most, T value)
    {
        if (queue.Count == most)
        {
            queue.Dequeue();
        }

        queue.Enqueue(value);
    }
}
