using Apache.Arrow;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Streams;

namespace LogPipeline.Tests.Live;

/// <summary>One event as a test thinks of it.</summary>
public sealed record Event(long TimestampMicros)
{
    public string? Level { get; init; }
    public string? Source { get; init; }
    public string? Endpoint { get; init; }
    public string? Method { get; init; }
    public int? Status { get; init; }
    public double? ResponseTime { get; init; }
    public string? Session { get; init; }
    public long? Bytes { get; init; }
    public string? Message { get; init; }
    public IReadOnlyList<KeyValuePair<string, string?>> Attributes { get; init; } = [];

    public bool IsError => Level?.ToUpperInvariant() is "ERROR" or "FATAL" || Status >= 500;

    public long Second => (long)Math.Floor(TimestampMicros / 1e6);
}

/// <summary>Makes batches of events.</summary>
public static class Batches
{
    public static StreamDefinition Stream { get; } = new("web-logs", AvroSchemaReader.ReadShipped("web-log"), "web-logs", "logs", EventLogRetention.Default);

    public static EventBatch Of(IReadOnlyList<Event> events, long firstOffset, long receivedMicros, int rejected = 0, int partition = 0) => new(
        Stream, Columns(events), [.. Enumerable.Range(0, rejected).Select(i => new RejectedRecord(null, "bad", null, i, default))],
        new EventRange(partition, firstOffset, firstOffset + events.Count + rejected - 1), receivedMicros);

    public static RecordBatch Columns(IReadOnlyList<Event> events)
    {
        var schema = Stream.Schema.Arrow;
        var arrays = schema.FieldsList.Select(field => (IArrowArray)(field.Name switch
        {
            "timestamp" => Times(events),
            "level" => Strings(events, e => e.Level),
            "source" => Strings(events, e => e.Source),
            "endpoint" => Strings(events, e => e.Endpoint),
            "method" => Strings(events, e => e.Method),
            "status" => Ints(events),
            "response_time" => Doubles(events),
            "session_id" => Strings(events, e => e.Session),
            "bytes" => Longs(events),
            "message" => Strings(events, e => e.Message),
            "attributes" => Maps(events, field),
            _ => Strings(events, _ => null),
        }));
        return new RecordBatch(schema, arrays, events.Count);
    }

    private static TimestampArray Times(IReadOnlyList<Event> events)
    {
        var values = new ArrowBuffer.Builder<long>();
        foreach (var e in events)
        {
            values.Append(e.TimestampMicros);
        }

        return new TimestampArray(new Apache.Arrow.Types.TimestampType(Apache.Arrow.Types.TimeUnit.Microsecond, "UTC"), values.Build(), ArrowBuffer.Empty, events.Count, 0, 0);
    }

    private static StringArray Strings(IReadOnlyList<Event> events, Func<Event, string?> value)
    {
        var builder = new StringArray.Builder();
        foreach (var e in events)
        {
            _ = value(e) is { } text ? builder.Append(text) : builder.AppendNull();
        }

        return builder.Build();
    }

    private static Int32Array Ints(IReadOnlyList<Event> events)
    {
        var builder = new Int32Array.Builder();
        foreach (var e in events)
        {
            _ = e.Status is { } value ? builder.Append(value) : builder.AppendNull();
        }

        return builder.Build();
    }

    private static DoubleArray Doubles(IReadOnlyList<Event> events)
    {
        var builder = new DoubleArray.Builder();
        foreach (var e in events)
        {
            _ = e.ResponseTime is { } value ? builder.Append(value) : builder.AppendNull();
        }

        return builder.Build();
    }

    private static Int64Array Longs(IReadOnlyList<Event> events)
    {
        var builder = new Int64Array.Builder();
        foreach (var e in events)
        {
            _ = e.Bytes is { } value ? builder.Append(value) : builder.AppendNull();
        }

        return builder.Build();
    }

    private static MapArray Maps(IReadOnlyList<Event> events, Field field)
    {
        var builder = new MapArray.Builder((Apache.Arrow.Types.MapType)field.DataType);
        var (keys, values) = ((StringArray.Builder)builder.KeyBuilder, (StringArray.Builder)builder.ValueBuilder);
        foreach (var e in events)
        {
            if (e.Attributes.Count == 0)
            {
                builder.AppendNull();
                continue;
            }

            builder.Append();
            foreach (var (key, value) in e.Attributes)
            {
                keys.Append(key);
                _ = value is null ? values.AppendNull() : values.Append(value);
            }
        }

        return builder.Build();
    }
}
