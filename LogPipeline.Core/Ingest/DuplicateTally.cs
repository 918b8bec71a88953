using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.EventLog;

namespace LogPipeline.Core.Ingest;

/// <summary>Records recognised as sent before, counted since each event log began: one small file a stream in the data folder's <c>state</c>.</summary>
/// <remarks>
/// No table and no entry of the log tells of them, so this file alone keeps the count over a restart. It is written before the sender is
/// answered; senders that wait for a write share the next one. It names the log: one that was made anew counts from 0.
/// </remarks>
internal sealed class DuplicateTally(DataFolder? folder)
{
    private readonly ConcurrentDictionary<string, Count> counts = new(StringComparer.Ordinal);

    /// <summary>Records recognised so far.</summary>
    public long Read(IEventLog log) => Volatile.Read(ref Of(log).Total);

    /// <summary>Adds records.</summary>
    public void Add(IEventLog log, long records)
    {
        var count = Of(log);
        var total = Interlocked.Add(ref count.Total, records);
        if (folder is not { IsOwner: true })
        {
            return;
        }

        lock (count.Writing)
        {
            if (count.Written >= total)
            {
                return;
            }

            var now = Volatile.Read(ref count.Total);
            try
            {
                DurableFiles.Write(PathOf(folder, log), Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{log.LogId} {now}")));
                count.Written = now;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // The answer to the sender is right all the same, and the next write carries this count, too.
            }
        }
    }

    private Count Of(IEventLog log) => counts.GetOrAdd(log.LogId, (_, one) => new Count(folder is null ? 0 : Load(PathOf(folder, one), one.LogId)), log);

    private static string PathOf(DataFolder folder, IEventLog log) => Path.Combine(folder.State, "duplicates-" + log.Stream.Name);

    private static long Load(string path, string logId)
    {
        try
        {
            return File.ReadAllText(path).Split(' ') is [var id, var text] && id == logId && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var total) ? total : 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private sealed class Count(long total)
    {
        public long Total = total;

        public long Written = total;

        public Lock Writing { get; } = new();
    }
}
