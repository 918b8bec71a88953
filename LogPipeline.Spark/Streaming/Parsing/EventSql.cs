using System.Globalization;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Ingest.Columns;
using LogPipeline.Core.Lake.Writing;
using LogPipeline.Core.Streams;

namespace LogPipeline.Spark.Streaming.Parsing;

/// <summary>The SQL that turns records of a stream's topic into rows of its table and of <c>dead_letters</c>, generated from the stream's schema.</summary>
/// <remarks>
/// <para>
/// It reads a relation with the columns of Spark's Kafka source. What becomes of a record depends on the record alone, and one
/// expression decides for both tables: so every record ends in exactly one of them, whenever and however often it is read.
/// </para>
/// <para>
/// <c>spark_partition_id()</c> keeps Spark from moving the filter below the columns that it reads, where it would parse every value once more.
/// </para>
/// </remarks>
internal sealed class EventSql
{
    private const string ReasonHeader = "logpipeline.reason";
    private readonly StreamDefinition stream;
    private readonly PlainEvent plain;
    private readonly ExactEvent exact;
    private readonly TimeSpan ahead;
    private readonly IReadOnlyList<(StreamColumn Column, ColumnKind Kind)> columns;
    private readonly int timeIndex;

    public EventSql(StreamDefinition stream, IngestOptions limits)
    {
        this.stream = stream;
        plain = new PlainEvent(stream.Schema, limits);
        exact = new ExactEvent(stream.Schema, limits);
        ahead = limits.MaxAhead;
        columns = [.. stream.Schema.Columns.Select(column => (column, ColumnBuffer.KindOf(column.Type)))];
        timeIndex = new StreamTable(stream.Schema).TimeIndex;
    }

    /// <summary>Rows of the stream's table, with its columns in order.</summary>
    /// <param name="source">Name of the relation.</param>
    /// <param name="partitionBase">What is added to the topic's partitions.</param>
    public string Rows(string source, int partitionBase = 0)
    {
        var selected = columns.Select(one => $"{Value(one.Column, one.Kind)} AS {Sql.Name(one.Column.Name)}").ToList();
        selected.Insert(timeIndex + 1, $"date_from_unix_date(CAST({Instant(columns[timeIndex].Column.Name)} DIV 86400000000L AS INT)) AS {StreamTable.DateColumn}");
        selected.Add($"IF(texts IS NULL, attributes, map_filter(texts, (name, value) -> NOT name IN ({Sql.List(columns.Select(one => one.Column.Name))}))) AS {StreamSchema.AttributesColumn}");
        selected.Add($"event_partition AS {StreamTable.PartitionColumn}");
        selected.Add($"event_offset AS {StreamTable.OffsetColumn}");
        selected.Add($"received_at AS {StreamTable.ReceivedColumn}");
        return $"SELECT {string.Join(",\n  ", selected)}\nFROM ({Judged(source, partitionBase)})\nWHERE reason IS NULL";
    }

    /// <summary>Rows of <c>dead_letters</c>, with its columns in order.</summary>
    /// <inheritdoc cref="Rows"/>
    public string DeadLetters(string source, int partitionBase = 0) => $"""
        SELECT {Sql.Text(stream.Name)} AS stream, received_at, date_from_unix_date(CAST(unix_micros(received_at) DIV 86400000000L AS INT)) AS date, {Header("source")} AS source,
          event_partition, event_offset, field, reason, coalesce(substring(value, 1, {RejectedRecord.MaxRawBytes}), X'') AS raw
        FROM ({Judged(source, partitionBase)})
        WHERE reason IS NOT NULL
        """;

    // A step names what the next one needs, so that it is read once, and each expression stays small: Spark walks every tree dozens of times
    // before the first row. Of a plain event every step behind is_odd makes null.
    private string Judged(string source, int partitionBase)
    {
        var latest = $"unix_micros(received_at) + {InstantSql.Micros(ahead)}";
        var isPlain = plain.IsPlain("text", latest, "parsed", "members", "attributes", "row", "present", name => Sql.Name("us " + name));
        string[] steps =
        [
            $"value, headers, {Partition(partitionBase)} AS event_partition, offset AS event_offset, timestamp AS received_at, CAST(value AS STRING) AS text",
            $"*, {plain.Parsed("text")} AS parsed, {plain.Members("text")} AS members, {Header("reason")} AS rejected",
            $"*, {PlainEvent.Row("parsed")} AS row, {plain.Attributes("members")} AS attributes",
            string.Join(", ", InstantColumns.Select(name => $"{PlainEvent.Instant(name, "text", "row")} AS {Sql.Name("us " + name)}").Prepend($"*, {plain.Present("row")} AS present")),
            $"*, rejected IS NULL AND NOT {isPlain} AS is_odd",
            $"*, IF(is_odd, {exact.NoObject("value", "text")}, NULL) AS no_object",
            $"*, IF(is_odd AND no_object IS NULL, {exact.Members("text")}, NULL) AS stated",
            $"*, {exact.Wrong("stated", "unix_micros(received_at)")} AS wrong",
            $"*, IF(wrong IS NULL, {exact.Texts("stated")}, NULL) AS texts",
            $"""
            *, CASE WHEN rejected IS NOT NULL THEN {Header("field")} WHEN wrong IS NOT NULL THEN {exact.Field("wrong")} ELSE {exact.Missing("texts")} END AS field,
              coalesce(rejected, no_object, {ExactEvent.Reason("wrong")}, IF({exact.Missing("texts")} IS NULL, NULL, '{ExactEvent.IsMissing}')) AS reason, spark_partition_id() AS judged
            """,
        ];
        return steps.Aggregate(source, (from, step) => $"(SELECT {step} FROM {from})");
    }

    private static string Partition(int partitionBase) => partitionBase == 0 ? "partition" : string.Create(CultureInfo.InvariantCulture, $"partition + {partitionBase}");

    private IEnumerable<string> InstantColumns => columns.Where(one => one.Kind == ColumnKind.Timestamp).Select(one => one.Column.Name);

    private static string Header(string name) =>
        $"IF(headers IS NULL, NULL, CAST(get(filter(reverse(headers), one -> one.key = {Sql.Text(ReasonHeader.Replace("reason", name, StringComparison.Ordinal))}), 0).value AS STRING))";

    private string Value(StreamColumn column, ColumnKind kind)
    {
        var text = $"texts[{Sql.Text(column.Name)}]";
        var read = $"row.{Sql.Name(column.Name)}";
        return kind switch
        {
            ColumnKind.Text => $"IF(texts IS NULL, {(column.Name == LevelSql.Column ? LevelSql.Spelled(read) : read)}, {text})",
            ColumnKind.Int32 => $"IF(texts IS NULL, {read}, try_cast({text} AS INT))",
            ColumnKind.Int64 => $"IF(texts IS NULL, {read}, try_cast({text} AS BIGINT))",
            ColumnKind.Double => $"IF(texts IS NULL, {read}, try_cast({text} AS DOUBLE))",
            ColumnKind.Boolean => $"IF(texts IS NULL, {read}, {text} = 'true')",
            _ => column.Required || column.Name == columns[timeIndex].Column.Name ? $"timestamp_micros({Instant(column.Name)})" : $"timestamp_micros({InstantOrNull(column.Name)})",
        };
    }

    private static string Instant(string column) => $"coalesce({InstantOrNull(column)}, unix_micros(received_at))";

    private static string InstantOrNull(string column) => $"IF(texts IS NULL, {Sql.Name("us " + column)}, try_cast(texts[{Sql.Text(column)}] AS BIGINT))";
}
