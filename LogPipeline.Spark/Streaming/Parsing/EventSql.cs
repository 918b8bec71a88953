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
        var time = Instant(columns[timeIndex].Column.Name);
        selected.Insert(timeIndex + 1, $"date_from_unix_date(CAST({time} DIV 86400000000L AS INT)) AS {StreamTable.DateColumn}");
        selected.Add($"IF(exact IS NULL, attributes, map_filter(exact.texts, (name, value) -> NOT name IN ({Sql.List(columns.Select(one => one.Column.Name))}))) AS {StreamSchema.AttributesColumn}");
        selected.Add($"event_partition AS {StreamTable.PartitionColumn}");
        selected.Add($"event_offset AS {StreamTable.OffsetColumn}");
        selected.Add($"received_at AS {StreamTable.ReceivedColumn}");
        return $"SELECT {string.Join(",\n  ", selected)}\nFROM ({Judged(source, partitionBase)})\nWHERE {Header("reason")} IS NULL AND (exact IS NULL OR exact.reason IS NULL)";
    }

    /// <summary>Rows of <c>dead_letters</c>, with its columns in order.</summary>
    /// <inheritdoc cref="Rows"/>
    public string DeadLetters(string source, int partitionBase = 0) => $"""
        SELECT {Sql.Text(stream.Name)} AS stream, received_at, date_from_unix_date(CAST(unix_micros(received_at) DIV 86400000000L AS INT)) AS date, {Header("source")} AS source,
          event_partition, event_offset, IF({Header("reason")} IS NULL, exact.field, {Header("field")}) AS field, coalesce({Header("reason")}, exact.reason) AS reason,
          coalesce(substring(value, 1, {RejectedRecord.MaxRawBytes}), X'') AS raw
        FROM ({Judged(source, partitionBase)})
        WHERE {Header("reason")} IS NOT NULL OR exact.reason IS NOT NULL
        """;

    // Two steps: what Spark's parser reads, then what becomes of it. Within a step Spark computes what is named twice once.
    private string Judged(string source, int partitionBase)
    {
        var row = PlainEvent.Row("parsed");
        var attributes = plain.Attributes("members");
        var latest = $"unix_micros(timestamp) + {ahead.Ticks / TimeSpan.TicksPerMicrosecond}L";
        var isPlain = plain.IsPlain("CAST(value AS STRING)", latest, "parsed", "members", attributes, row, Read);
        return $"""
            SELECT value, headers, {Partition(partitionBase)} AS event_partition, offset AS event_offset, timestamp AS received_at, {row} AS row, {attributes} AS attributes,
              {string.Join(",\n  ", InstantColumns.Select(name => $"{Read(name)} AS {Sql.Name("us " + name)}"))},
              IF({Header("reason")} IS NOT NULL OR {isPlain}, CAST(NULL AS {ExactEvent.Type}), {exact.Of("value", "CAST(value AS STRING)", "unix_micros(timestamp)")}) AS exact,
              spark_partition_id() AS judged
            FROM (SELECT *, {plain.Parsed("CAST(value AS STRING)")} AS parsed, {plain.Members("CAST(value AS STRING)")} AS members, spark_partition_id() AS read FROM {source})
            """;

        string Read(string column) => PlainEvent.Instant(column, "CAST(value AS STRING)", $"{row}.{Sql.Name(column)}");
    }

    private static string Partition(int partitionBase) => partitionBase == 0 ? "partition" : string.Create(CultureInfo.InvariantCulture, $"partition + {partitionBase}");

    private IEnumerable<string> InstantColumns => columns.Where(one => one.Kind == ColumnKind.Timestamp).Select(one => one.Column.Name);

    private static string Header(string name) =>
        $"IF(headers IS NULL, NULL, CAST(get(filter(reverse(headers), one -> one.key = {Sql.Text(ReasonHeader.Replace("reason", name, StringComparison.Ordinal))}), 0).value AS STRING))";

    private string Value(StreamColumn column, ColumnKind kind)
    {
        var text = $"exact.texts[{Sql.Text(column.Name)}]";
        var read = $"row.{Sql.Name(column.Name)}";
        return kind switch
        {
            ColumnKind.Text when column.Name == "level" => $"IF(exact IS NULL, {LevelSql.Spelled(read)}, IF(exact.level_as_is, {text}, {LevelSql.Spelled(text)}))",
            ColumnKind.Text => $"IF(exact IS NULL, {read}, {text})",
            ColumnKind.Int32 => $"IF(exact IS NULL, {read}, {NumberSql.Whole32(text)})",
            ColumnKind.Int64 => $"IF(exact IS NULL, {read}, {NumberSql.Whole64(text)})",
            ColumnKind.Double => $"IF(exact IS NULL, {read}, try_cast({text} AS DOUBLE))",
            ColumnKind.Boolean => $"IF(exact IS NULL, {read}, {text} = 'true')",
            _ => column.Required || column.Name == columns[timeIndex].Column.Name ? $"timestamp_micros({Instant(column.Name)})" : $"timestamp_micros({InstantOrNull(column.Name)})",
        };
    }

    private static string Instant(string column) => $"coalesce({InstantOrNull(column)}, unix_micros(received_at))";

    private static string InstantOrNull(string column)
    {
        var text = $"exact.texts[{Sql.Text(column)}]";
        return $"IF(exact IS NULL, {Sql.Name("us " + column)}, CASE WHEN {text} RLIKE '^-?[0-9]+(?:[.eE]|\\\\z)' THEN {InstantSql.OfNumber(text)} ELSE {InstantSql.OfText(text)} END)";
    }
}
