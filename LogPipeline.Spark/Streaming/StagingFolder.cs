using System.Globalization;
using System.Text.RegularExpressions;
using Apache.Arrow;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Files;

namespace LogPipeline.Spark.Streaming;

/// <summary>A file that waits for Spark.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="IsDeadLetters">Whether it goes to <c>dead_letters</c>.</param>
/// <param name="Partition">Partition of the event log.</param>
/// <param name="First">The first offset that was not in the table when it was cut.</param>
/// <param name="Last">Position after it: the last offset included.</param>
internal sealed record StagedBatch(string Path, bool IsDeadLetters, int Partition, long First, long Last);

/// <summary>The files of one event log that wait for Spark: <c>1-dead-letters-0-4000-4711.parquet</c>, <c>2-rows-0-4000-4711.parquet</c> hold the offsets 4000 to 4711 of partition 0. A file with such a name is complete and durable.</summary>
internal sealed partial class StagingFolder(string folder)
{
    /// <summary>What waits, in the order in which it is to be inserted. Files that were not finished are removed.</summary>
    public IReadOnlyList<StagedBatch> Waiting()
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        foreach (var unfinished in Directory.EnumerateFiles(folder).Where(path => !Name().IsMatch(System.IO.Path.GetFileName(path))).ToList())
        {
            File.Delete(unfinished);
        }

        return [.. from path in Directory.EnumerateFiles(folder)
            let name = Name().Match(System.IO.Path.GetFileName(path))
            where name.Success
            let last = long.Parse(name.Groups["last"].ValueSpan, CultureInfo.InvariantCulture)
            orderby last, name.Groups["kind"].Value
            select new StagedBatch(path, name.Groups["kind"].Value[0] == '1', int.Parse(name.Groups["partition"].ValueSpan, CultureInfo.InvariantCulture), long.Parse(name.Groups["first"].ValueSpan, CultureInfo.InvariantCulture), last)];
    }

    /// <summary>Writes a file, complete and durable.</summary>
    public StagedBatch Write(bool isDeadLetters, int partition, long first, long last, Schema schema, IEnumerable<RecordBatch> rows)
    {
        Durable.CreateFolder(folder);
        using var file = new ParquetFile(folder, "", schema);
        foreach (var batch in rows)
        {
            file.Write(batch);
        }

        _ = file.Finish(new Dictionary<string, string?>(), DateTimeOffset.UnixEpoch, dataChange: true);
        Durable.SyncFile(file.FullPath);
        var path = System.IO.Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{(isDeadLetters ? "1-dead-letters" : "2-rows")}-{partition}-{first}-{last}.parquet"));
        File.Move(file.FullPath, path);
        Durable.SyncFolder(folder);
        return new StagedBatch(path, isDeadLetters, partition, first, last);
    }

    /// <summary>Takes a file away that is in its table.</summary>
    public static void Remove(StagedBatch batch) => File.Delete(batch.Path);

    [GeneratedRegex(@"^(?<kind>1-dead-letters|2-rows)-(?<partition>\d+)-(?<first>\d+)-(?<last>\d+)\.parquet\z")]
    private static partial Regex Name();
}
