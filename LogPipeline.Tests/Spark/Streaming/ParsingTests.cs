using System.Globalization;
using System.Text;
using System.Text.Json;
using Apache.Arrow;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Ingest.Columns;
using LogPipeline.Core.Ingest.Formats;
using LogPipeline.Core.Streams;
using LogPipeline.Spark.Connect;
using LogPipeline.Spark.Streaming.Parsing;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.Ingest;
using Xunit;

namespace LogPipeline.Tests.Spark.Streaming;

/// <summary>The SQL that is generated from a stream's schema reads records as our own parser does.</summary>
public sealed class ParsingTests(SparkConnectServer spark, ITestOutputHelper output)
{
    private static readonly DateTimeOffset ReceivedAt = new(2026, 2, 3, 0, 0, 0, TimeSpan.Zero);
    private static readonly IngestOptions Limits = new();
    private static readonly StreamDefinition WebLogs = new("web-logs", AvroSchemaReader.ReadShipped("web-log"), "web-logs", "logs", EventLogRetention.Default);

    [Fact]
    public async Task Hostile_records_become_the_rows_and_dead_letters_of_our_own_parser() => await CompareAsync(WebLogs, [.. HostileEvents.Known()]);

    [Fact]
    public async Task Random_records_become_the_rows_and_dead_letters_of_our_own_parser()
    {
        output.WriteLine($"LOGPIPELINE_SEED={TestScale.Seed}");
        await CompareAsync(WebLogs, [.. HostileEvents.Random(TestScale.Seed, TestScale.Of(5_000, 50_000))]);
    }

    [Fact]
    public async Task Columns_of_every_kind_required_or_not_are_read_as_our_own_parser_reads_them()
    {
        var schema = AvroSchemaReader.Parse("kinds", """
            {"type":"record","name":"kinds","fields":[
              {"name":"ts","type":{"type":"long","logicalType":"timestamp-millis"}},{"name":"seen","type":["null",{"type":"long","logicalType":"timestamp-micros"}]},{"name":"on","type":["null","boolean"]},
              {"name":"id","type":"string"},{"name":"n","type":"int"},{"name":"big","type":["null","long"]},{"name":"x","type":"double"},{"name":"level","type":["null","int"]}]}
            """);
        string[] records =
        [
            """{"ts":1770000000000,"seen":"2026-02-02T02:40:00Z","on":true,"id":"a","n":1,"big":2,"x":3,"level":4,"more":"b"}""", """{"id":"a","n":1,"x":1.5}""", """{"id":"a","n":1.0,"x":1e2,"seen":null,"on":null}""",
            """{"n":1,"x":1}""", """{"id":null,"n":1,"x":1}""", """{"id":"a","n":null,"x":1}""", """{"id":"a","n":1}""", """{"id":"a","n":1,"x":1,"on":"true"}""", """{"id":"a","n":1,"x":1,"on":1}""", """{"id":"a","n":1,"x":1,"on":{}}""",
            """{"id":"a","n":1,"x":1,"seen":-1}""", """{"id":"a","n":1,"x":1,"seen":"never"}""", """{"id":"a","n":1,"x":1,"level":"info"}""", """{"id":"a","n":1,"x":1,"id":null}""", """{"id":1.50,"n":1,"x":1}""", """{"id":"a","n":1,"x":1,"ts":false}""",
        ];
        await CompareAsync(new StreamDefinition("kinds", schema, "kinds", "kinds", EventLogRetention.Default), [.. records.Select(Encoding.UTF8.GetBytes)]);
    }

    [Fact]
    public async Task Records_that_our_sources_rejected_keep_field_reason_source_and_bytes()
    {
        await using var session = await (await spark.GetAsync()).ConnectAsync();
        _ = await session.SqlAsync("""
            CREATE OR REPLACE TEMPORARY VIEW records AS SELECT CAST('{"level":"info"}' AS BINARY) AS value, 3 AS partition, 7L AS offset, TIMESTAMP'2026-02-03 00:00:00Z' AS timestamp,
              transform(map_entries(map('logpipeline.reason', 'is wrong', 'logpipeline.field', 'level', 'logpipeline.source', 'app.log', 'other', 'x')), one -> struct(one.key AS key, CAST(one.value AS BINARY) AS value)) AS headers
            """, cancellationToken: TestContext.Current.CancellationToken);
        var sql = new EventSql(WebLogs, Limits);
        Assert.Empty(await RowsAsync(session, sql.Rows("records")));
        var letter = Assert.Single(await RowsAsync(session, sql.DeadLetters("records"))).Value;
        Assert.Equal(("is wrong", "level", "app.log", "3"), (letter["reason"], letter["field"], letter["source"], letter["event_partition"]));
        Assert.Equal("""{"level":"info"}""", letter["raw"]);
    }

    [Fact]
    public async Task What_differs_from_our_own_parser_is_a_dead_letter_and_never_lost()
    {
        // Jackson ends at names of 50,000 characters, and no setting of Spark changes that.
        var record = Encoding.UTF8.GetBytes("{\"" + new string('n', 50_001) + "\":1}");
        Assert.Null(Expect(WebLogs, record).Reason);
        await using var session = await (await spark.GetAsync()).ConnectAsync();
        await LoadAsync(session, [record]);
        var sql = new EventSql(WebLogs, Limits);
        Assert.Empty(await RowsAsync(session, sql.Rows("records")));
        Assert.Equal("is not valid JSON", Assert.Single(await RowsAsync(session, sql.DeadLetters("records"))).Value["reason"]);
    }

    private async Task CompareAsync(StreamDefinition stream, IReadOnlyList<byte[]?> records)
    {
        await using var session = await (await spark.GetAsync()).ConnectAsync();
        await LoadAsync(session, records);
        var sql = new EventSql(stream, Limits);
        var rows = await RowsAsync(session, sql.Rows("records"));
        var letters = await RowsAsync(session, sql.DeadLetters("records"));
        var (accepted, differences) = (0, new List<string>());
        for (var index = 0; index < records.Count; index++)
        {
            var expected = Expect(stream, records[index]);
            accepted += expected.Reason is null ? 1 : 0;
            if (Difference(expected, rows.GetValueOrDefault(index), letters.GetValueOrDefault(index), records[index]) is { } difference)
            {
                differences.Add($"{Show(records[index])}: {difference}");
            }
        }

        Assert.True(differences.Count == 0, $"{differences.Count} of {records.Count}:\n{string.Join('\n', differences.Take(20))}");
        Assert.Equal(records.Count, rows.Count + letters.Count);
        Assert.InRange(accepted, 1, records.Count - 1);
        output.WriteLine($"{accepted} rows and {letters.Count} dead letters");
    }

    private static string? Difference(Expected expected, Dictionary<string, string>? row, Dictionary<string, string>? letter, byte[]? record)
    {
        if (row is not null && letter is not null)
        {
            return "is in both tables";
        }

        if (expected.Reason is null)
        {
            return row is null ? $"should be a row, but is {(letter is null ? "lost" : letter["reason"])}"
                : Text(expected.Fields!) == Text(row) ? null : $"should be {Text(expected.Fields!)}, but is {Text(row)}";
        }

        if (letter is null)
        {
            return $"should not fit ({expected.Reason}), but {(row is null ? "is lost" : $"is {Text(row)}")}";
        }

        // Spark does not say where JSON breaks off, nor what it had read before.
        var isSame = letter["reason"] == "is not valid JSON"
            ? expected.Reason.StartsWith("is not valid JSON", StringComparison.Ordinal) || !IsJson(record!)
            : letter["reason"] == expected.Reason && letter.GetValueOrDefault("field") == expected.Field;
        return isSame ? null : $"should be '{expected.Field}' {expected.Reason}, but is '{letter.GetValueOrDefault("field")}' {letter["reason"]}";
    }

    private static string Text(Dictionary<string, string> row) => string.Join("; ", row.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}={(one.Value == "-0" && one.Key == "x" ? "0" : one.Value)}"));

    private static bool IsJson(byte[] record)
    {
        try
        {
            using var document = JsonDocument.Parse(record);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static Expected Expect(StreamDefinition stream, byte[]? record)
    {
        if (record is null)
        {
            return new Expected(null, null, "has no value: a tombstone is no event");
        }

        if (record.Length > Limits.MaxEventBytes)
        {
            return new Expected(null, null, FormattableString.Invariant($"is {record.Length:N0} bytes long; an event has at most {Limits.MaxEventBytes:N0}"));
        }

        if (record.AsSpan().Trim(" \t\r\n"u8).IsEmpty)
        {
            return new Expected(null, null, "is empty");
        }

        using var builder = new BatchBuilder(stream.Schema) { ReceivedAtMicros = ReceivedAt.ToUnixTimeMilliseconds() * 1000 };
        if (!new JsonEventFormat(stream.Schema, Limits).TryRead(record, builder, out var error))
        {
            return new Expected(null, error.Field, error.Reason);
        }

        using var events = builder.Build();
        return new Expected(Canonical(EventRows.Of(events).Single()), null, null);
    }

    private static Dictionary<string, string> Canonical(Dictionary<string, string> row)
    {
        foreach (var own in (string[])["date", "event_partition", "event_offset", "received_at"])
        {
            row.Remove(own);
        }

        foreach (var name in (string[])["response_time", "x"])
        {
            if (row.GetValueOrDefault(name) == "-0")
            {
                row[name] = "0";
            }
        }

        return row;
    }

    // As Spark's Kafka source gives them, with the place in the list as offset.
    private async Task LoadAsync(SparkSession session, IReadOnlyList<byte[]?> records)
    {
        var file = Path.Combine((await spark.GetAsync()).NewFolder(), "records.txt");
        await File.WriteAllLinesAsync(file, records.Select((record, index) => string.Create(CultureInfo.InvariantCulture, $"{index} {(record is null ? "-" : Convert.ToHexString(record))}")), TestContext.Current.CancellationToken);
        _ = await session.SqlAsync($"""
            CREATE OR REPLACE TEMPORARY VIEW records AS SELECT CASE WHEN hex <> '-' THEN unhex(hex) END AS value, CAST(NULL AS ARRAY<STRUCT<key: STRING, value: BINARY>>) AS headers, 0 AS partition, offset,
              TIMESTAMP'{ReceivedAt:yyyy-MM-dd HH:mm:ss}Z' AS timestamp
            FROM (SELECT CAST(split_part(value, ' ', 1) AS BIGINT) AS offset, split_part(value, ' ', 2) AS hex FROM text.`{file}`)
            """, cancellationToken: TestContext.Current.CancellationToken);
    }

    private static async Task<Dictionary<long, Dictionary<string, string>>> RowsAsync(SparkSession session, string sql)
    {
        var rows = new Dictionary<long, Dictionary<string, string>>();
        await foreach (var batch in (await session.SqlAsync(sql, cancellationToken: TestContext.Current.CancellationToken)).CollectAsync(cancellationToken: TestContext.Current.CancellationToken))
        {
            var offsets = (Int64Array)batch.Column("event_offset");
            var raws = batch.Schema.GetFieldIndex("raw") >= 0 ? (BinaryArray)batch.Column("raw") : null;
            var index = 0;
            foreach (var row in EventRows.Of(batch))
            {
                if (raws is null)
                {
                    var day = ((Date32Array)batch.Column("date")).GetDateTime(index)!.Value;
                    var time = batch.Column(0) is TimestampArray ? batch.Column(0) : batch.Column("timestamp");
                    Assert.Equal(((TimestampArray)time).GetTimestamp(index)!.Value.UtcDateTime.Date, day);
                    row.Remove("event_offset");
                    rows.Add(offsets.GetValue(index)!.Value, Canonical(row));
                }
                else
                {
                    row["raw"] = Encoding.UTF8.GetString(raws.GetBytes(index));
                    rows.Add(offsets.GetValue(index)!.Value, row);
                }

                index++;
            }
        }

        return rows;
    }

    private static string Show(byte[]? record) => record is null ? "(none)" : record.Length <= 300 ? Encoding.UTF8.GetString(record) : Encoding.UTF8.GetString(record, 0, 200) + $"… ({record.Length} bytes)";

    private sealed record Expected(Dictionary<string, string>? Fields, string? Field, string? Reason);
}
