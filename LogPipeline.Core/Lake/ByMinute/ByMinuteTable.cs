using System.Globalization;
using Apache.Arrow.Types;
using LogPipeline.Core.Lake.Writing;
using LogPipeline.Core.Percentiles;
using LogPipeline.Core.Streams;
using LogPipeline.Core.Types;
using ArrowField = Apache.Arrow.Field;
using ArrowSchema = Apache.Arrow.Schema;

namespace LogPipeline.Core.Lake.ByMinute;

/// <summary>
/// The definition of <c>logs_by_minute</c>: partial aggregates of <c>logs</c> that readers sum, one row for each minute, source, endpoint,
/// method and status of a range of offsets. Both engines derive it by this.
/// </summary>
/// <remarks>
/// <para>
/// A range is derived once: its end is committed with its rows as the transaction
/// <see cref="StoredPositions.AppIdOf"/> of this table, and the next range begins after it.
/// </para>
/// <para>
/// <c>rt_histogram</c> holds one number for each bucket that has values, ascending: <c>bucket × 2³² + count</c>. A list of all
/// <see cref="ResponseBins.Count"/> counts would be longer than the events that most rows stand for. Buckets are those of the live
/// view: 0 for less than 1/1024 ms, then 32 of equal width in each power of two, so that a bucket's middle is at most 1.6 % from every value in it.
/// </para>
/// <para>Sample of a reader, in Spark SQL: <c>SELECT endpoint, shiftright(b, 32) AS bucket, sum(b &amp; 4294967295) AS events FROM delta_lake.logs_by_minute LATERAL VIEW explode(rt_histogram) AS b GROUP BY ALL</c>.</para>
/// </remarks>
public sealed class ByMinuteTable
{
    /// <summary>Bits of a histogram's number that hold the count.</summary>
    public const int CountBits = 32;

    private static readonly (string Name, DataType Type)[] Needed =
    [
        ("timestamp", DataTypes.Timestamp), ("level", DataTypes.String), ("source", DataTypes.String), ("endpoint", DataTypes.String), ("method", DataTypes.String),
        ("status", DataTypes.Integer), ("response_time", DataTypes.Double), ("bytes", DataTypes.Long),
    ];

    private ByMinuteTable(string source) => Source = source;

    /// <summary>Columns of the table, partitioned by <c>date</c>.</summary>
    public static LogPipeline.Core.Types.StructType Schema { get; } = new(
    [
        new StructField("minute", DataTypes.Timestamp, Comment: "Start of the minute of the events"),
        new StructField(StreamTable.DateColumn, DataTypes.Date, Comment: "UTC day of the minute"),
        new StructField("source", DataTypes.String, Comment: "As in the events"),
        new StructField("endpoint", DataTypes.String, Comment: "As in the events"),
        new StructField("method", DataTypes.String, Comment: "As in the events"),
        new StructField("status", DataTypes.Integer, Comment: "As in the events"),
        new StructField("n", DataTypes.Long, Comment: "Events"),
        new StructField("errors", DataTypes.Long, Comment: "Events of level ERROR or FATAL, or with a status from 500"),
        new StructField("sum_rt", DataTypes.Double, Comment: "Sum of response_time in milliseconds, of events that have one"),
        new StructField("max_rt", DataTypes.Double, Comment: "Greatest response_time in milliseconds"),
        new StructField("bytes", DataTypes.Long, Comment: "Sum of bytes, of events that have them"),
        new StructField("rt_histogram", new LogPipeline.Core.Types.ArrayType(DataTypes.Long), Comment: "Response times: bucket x 2^32 + count, ascending; 32 buckets in each power of two"),
        new StructField(StreamTable.PartitionColumn, DataTypes.Integer, Comment: "Partition of the event log"),
        new StructField("from_offset", DataTypes.Long, Comment: "First offset of the range that this row is derived from"),
        new StructField("to_offset", DataTypes.Long, Comment: "Last offset of that range"),
    ]);

    /// <summary>Name of the table that is derived from.</summary>
    public string Source { get; }

    /// <summary>Name of the derived table, such as <c>logs_by_minute</c>.</summary>
    public string Name => Source + "_by_minute";

    /// <summary>Numbers of a histogram.</summary>
    internal static ArrowField Element { get; } = new("element", Int64Type.Default, nullable: true);

    /// <summary>Columns of its files.</summary>
    internal static ArrowSchema Arrow { get; } = new(
        [.. Schema.Fields.Where(field => field.Name != StreamTable.DateColumn).Select(field => new ArrowField(field.Name, ArrowTypeOf(field.Type), nullable: true))],
        metadata: null);

    /// <summary>The table that is derived from a stream's table; null for a stream whose events are not requests of a web server.</summary>
    public static ByMinuteTable? Of(StreamDefinition stream) =>
        Needed.All(needed => stream.Schema.IndexOf(needed.Name) is >= 0 and var index && stream.Schema.Columns[index].Type == needed.Type)
            ? new ByMinuteTable(stream.Table) : null;

    /// <summary>A SELECT in Spark SQL whose rows are what a range contributes, with the columns of <see cref="Schema"/> in order. The session's zone does not matter.</summary>
    /// <param name="from">The source as a table expression, such as <c>delta_lake.logs</c>.</param>
    /// <param name="range">The range.</param>
    public static string SelectSql(string from, EventLog.EventRange range) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        SELECT minute, date, source, endpoint, method, status, sum(n) AS n, sum(errors) AS errors, sum(sum_rt) AS sum_rt, max(max_rt) AS max_rt, sum(bytes) AS bytes,
          array_sort(collect_list(shiftleft(CAST(bucket AS BIGINT), {CountBits}) | n)) AS rt_histogram,
          CAST({range.Partition} AS INT) AS event_partition, CAST({range.First} AS BIGINT) AS from_offset, CAST({range.Last} AS BIGINT) AS to_offset
        FROM (
          SELECT minute, date, source, endpoint, method, status, bucket, count(*) AS n, count_if(is_error) AS errors, sum(rt) AS sum_rt, max(rt) AS max_rt, sum(bytes) AS bytes
          FROM (
            SELECT *, {BucketSql("rt", "rt_power")} AS bucket
            FROM (
              SELECT *, rt_log - IF(rt < power(2D, rt_log), 1, 0) + IF(rt >= power(2D, rt_log + 1), 1, 0) AS rt_power
              FROM (
                SELECT *, floor(log2(least(rt, {ResponseBins.Most}D))) AS rt_log
                FROM (
                  SELECT date_trunc('MINUTE', timestamp) AS minute, date, source, endpoint, method, status, bytes,
                    coalesce(upper(level) IN ('ERROR', 'FATAL'), false) OR coalesce(status >= 500, false) AS is_error,
                    CASE WHEN response_time >= 0 AND NOT isnan(response_time) THEN response_time END AS rt
                  FROM {from}
                  WHERE event_partition = {range.Partition} AND event_offset BETWEEN {range.First} AND {range.Last}))))
          GROUP BY minute, date, source, endpoint, method, status, bucket)
        GROUP BY minute, date, source, endpoint, method, status
        """);

    /// <summary>An expression in Spark SQL for the middle of a bucket in milliseconds: the value that the bucket's events are taken to have.</summary>
    /// <param name="bucket">An expression for the bucket's number.</param>
    public static string MiddleSql(string bucket) =>
        $"CASE WHEN {bucket} = 0 THEN 0D ELSE power(2D, floor(({bucket} - 1) / {ResponseBins.PerOctave}) - {ResponseBins.OctavesBelowOne}) * (1 + (({bucket} - 1) % {ResponseBins.PerOctave} + 0.5D) / {ResponseBins.PerOctave}) END";

    // The power is that of the greatest power of two that is not above the value. log2 may be off by one bit at a power of two itself, so its
    // answer was checked; scaling by powers of two is exact, and so the buckets are those of ResponseBins to the last bit.
    private static string BucketSql(string value, string power) => string.Create(
        CultureInfo.InvariantCulture,
        $"CASE WHEN {value} IS NULL THEN NULL WHEN {value} < {ResponseBins.Least}D THEN 0 WHEN {value} >= {ResponseBins.Most}D THEN {ResponseBins.Count - 1} ELSE CAST(({power} + {ResponseBins.OctavesBelowOne}) * {ResponseBins.PerOctave} + floor(({value} / power(2D, {power}) - 1) * {ResponseBins.PerOctave}) + 1 AS INT) END");

    private static IArrowType ArrowTypeOf(DataType type) => type switch
    {
        LogPipeline.Core.Types.ArrayType => new ListType(Element),
        _ when type == DataTypes.Timestamp => StreamTable.Micros,
        _ when type == DataTypes.String => StringType.Default,
        _ when type == DataTypes.Integer => Int32Type.Default,
        _ when type == DataTypes.Long => Int64Type.Default,
        _ => DoubleType.Default,
    };
}
