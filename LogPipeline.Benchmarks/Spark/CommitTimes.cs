using System.Globalization;
using System.Text.Json;

namespace LogPipeline.Benchmarks.Spark;

/// <summary>When each record was committed to a Delta table, by the table's log: file times of the commits, and the statistics of the files that they add.</summary>
internal static class CommitTimes
{
    /// <summary>Milliseconds since 1970 of the commit, by partition and offset.</summary>
    public static Dictionary<(int Partition, long Offset), double> Read(string table)
    {
        var times = new Dictionary<(int, long), double>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(table, "_delta_log"), "*.json").Where(file => long.TryParse(Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            var at = (File.GetLastWriteTimeUtc(file) - DateTime.UnixEpoch).TotalMilliseconds;
            foreach (var line in File.ReadLines(file))
            {
                using var action = JsonDocument.Parse(line);
                if (action.RootElement.TryGetProperty("add", out var add) && add.GetProperty("dataChange").GetBoolean())
                {
                    Take(add.GetProperty("stats").GetString()!, at);
                }
            }
        }

        return times;

        void Take(string statistics, double at)
        {
            using var stats = JsonDocument.Parse(statistics);
            var (min, max) = (stats.RootElement.GetProperty("minValues"), stats.RootElement.GetProperty("maxValues"));
            var (partition, first, last) = (min.GetProperty("event_partition").GetInt32(), min.GetProperty("event_offset").GetInt64(), max.GetProperty("event_offset").GetInt64());
            if (partition != max.GetProperty("event_partition").GetInt32() || stats.RootElement.GetProperty("numRecords").GetInt64() != last - first + 1)
            {
                throw new InvalidOperationException("A file holds more than one range of one partition");
            }

            for (var offset = first; offset <= last; offset++)
            {
                times.Add((partition, offset), at);
            }
        }
    }
}
