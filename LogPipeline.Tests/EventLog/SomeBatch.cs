using System.Text;
using Apache.Arrow;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Streams;

namespace LogPipeline.Tests.EventLog;

/// <summary>Batches for tests of the event log: only timestamp and message are set.</summary>
internal static class SomeBatch
{
    /// <summary>The shipped web-log stream.</summary>
    public static StreamDefinition Stream { get; } = new("web-logs", AvroSchemaReader.ReadShipped("web-log"), "web-logs", "logs", EventLogRetention.Default);

    /// <summary>A batch with one event a message.</summary>
    public static ParsedBatch Of(IReadOnlyList<string> messages, BatchOrigin? origin = null, int rejected = 0, StreamDefinition? stream = null)
    {
        var definition = stream ?? Stream;
        var timestamps = new TimestampArray.Builder((Apache.Arrow.Types.TimestampType)definition.Schema.Arrow.FieldsList[0].DataType);
        var texts = new StringArray.Builder();
        for (var index = 0; index < messages.Count; index++)
        {
            timestamps.Append(DateTimeOffset.UnixEpoch.AddSeconds(1_770_000_000 + index));
            texts.Append(messages[index]);
        }

        var empty = LogPipeline.Core.EventLog.Embedded.SchemaMapping.Map(
            new RecordBatch(
                new Schema([definition.Schema.Arrow.FieldsList[0], definition.Schema.Arrow.GetFieldByName("message")], null),
                [timestamps.Build(), texts.Build()],
                messages.Count),
            definition.Schema.Arrow);
        return new ParsedBatch(
            definition,
            empty,
            [.. Enumerable.Range(0, rejected).Select(index => new RejectedRecord("status", $"reason {index}", "test", index, Encoding.UTF8.GetBytes($"raw {index}")))],
            origin);
    }

    /// <summary>The messages of a batch's events.</summary>
    public static IReadOnlyList<string> Messages(RecordBatch events)
    {
        var column = (StringArray)events.Column(events.Schema.GetFieldIndex("message"));
        return [.. Enumerable.Range(0, events.Length).Select(row => column.GetString(row))];
    }
}
