using System.Globalization;
using Apache.Arrow;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Live;
using LogPipeline.Core.Streams;

namespace LogPipeline.Web.Sse;

/// <summary>Reads events of the event log as rows, as the live view does for those in its memory.</summary>
internal sealed class BatchRows
{
    private static readonly string[] Named = ["timestamp", "level", "source", "endpoint", "method", "status", "response_time", "message"];

    private readonly StreamSchema schema;
    private readonly int timestamp;
    private readonly int level;
    private readonly int source;
    private readonly int endpoint;
    private readonly int method;
    private readonly int status;
    private readonly int responseTime;
    private readonly int message;

    public BatchRows(StreamSchema schema)
    {
        this.schema = schema;
        timestamp = schema.IndexOf("timestamp");
        level = schema.IndexOf("level");
        source = schema.IndexOf("source");
        endpoint = schema.IndexOf("endpoint");
        method = schema.IndexOf("method");
        status = schema.IndexOf("status");
        responseTime = schema.IndexOf("response_time");
        message = schema.IndexOf("message");
    }

    /// <summary>One event of a batch.</summary>
    public LogRow Read(EventBatch batch, int row)
    {
        var columns = batch.Events;
        var received = batch.SparseReceivedAtMicros.IsEmpty ? batch.ReceivedAtMicros : batch.SparseReceivedAtMicros.Span[row];
        return new LogRow(
            new EventPosition(batch.Range.Partition, batch.OffsetOf(row)),
            timestamp < 0 ? received : ((TimestampArray)columns.Column(timestamp)).GetValue(row) ?? received,
            received,
            Text(columns, level, row),
            Text(columns, source, row),
            Text(columns, endpoint, row),
            Text(columns, method, row),
            status < 0 ? null : (columns.Column(status) as Int32Array)?.GetValue(row),
            responseTime < 0 ? null : (columns.Column(responseTime) as DoubleArray)?.GetValue(row),
            Text(columns, message, row))
        {
            Fields = FieldsOf(columns, row),
            Attributes = AttributesOf(columns, row),
        };
    }

    private static string? Text(RecordBatch columns, int column, int row) => column < 0 ? null : (columns.Column(column) as StringArray)?.GetString(row);

    private List<KeyValuePair<string, string>> FieldsOf(RecordBatch columns, int row)
    {
        var fields = new List<KeyValuePair<string, string>>();
        for (var column = 0; column < schema.Columns.Count; column++)
        {
            var name = schema.Columns[column].Name;
            if (!Named.Contains(name) && ValueOf(columns.Column(column), row) is { } value)
            {
                fields.Add(new(name, value));
            }
        }

        return fields;
    }

    private static string? ValueOf(IArrowArray array, int row) => array switch
    {
        StringArray text => text.GetString(row),
        Int32Array number => number.GetValue(row)?.ToString(CultureInfo.InvariantCulture),
        Int64Array number => number.GetValue(row)?.ToString(CultureInfo.InvariantCulture),
        DoubleArray number => number.GetValue(row)?.ToString("R", CultureInfo.InvariantCulture),
        BooleanArray flag => flag.GetValue(row) is { } value ? value ? "true" : "false" : null,
        TimestampArray instant => instant.GetValue(row) is { } micros ? Rest.LogRowJson.Instant(micros) : null,
        _ => null,
    };

    private List<KeyValuePair<string, string?>> AttributesOf(RecordBatch columns, int row)
    {
        var attributes = new List<KeyValuePair<string, string?>>();
        if (columns.Column(schema.Columns.Count) is MapArray map && !map.IsNull(row))
        {
            var (keys, values) = ((StringArray)map.Keys, (StringArray)map.Values);
            for (var index = map.ValueOffsets[row]; index < map.ValueOffsets[row + 1]; index++)
            {
                attributes.Add(new(keys.GetString(index), values.GetString(index)));
            }
        }

        return attributes;
    }
}
