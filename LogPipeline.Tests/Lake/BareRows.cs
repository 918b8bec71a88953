using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Writing;
using Xunit;

namespace LogPipeline.Tests.Lake;

/// <summary>Rows of table <c>logs</c> without a position of ours, as another engine commits them.</summary>
internal static class BareRows
{
    /// <summary>Commits rows of several partitions in one data file.</summary>
    public static void Commit(LakeTables tables, params (int Partition, long First, int Count)[] parts)
    {
        var shape = new StreamTable(Some.WebLogs.Schema);
        var table = tables.OpenOrCreate("logs", shape.Schema, ["date"]);
        var dated = new DatedRows(shape);
        foreach (var (partition, first, count) in parts)
        {
            dated.Add(new EventBatch(Some.WebLogs, Some.Rows(count, Some.Midnight, seed: partition), [], new EventRange(partition, first, first + count - 1), Some.Midnight), null);
        }

        var files = new AppendFiles(table, shape.Arrow, TimeProvider.System);
        foreach (var (day, rows) in dated.ByDay)
        {
            files.Write(day, rows);
        }

        files.Sync();
        Assert.IsType<CommitOutcome.Committed>(table.Commit(new CommitRequest("WRITE") { Adds = files.Adds }));
    }
}
