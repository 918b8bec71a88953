using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using LogPipeline.Core.Health;
using LogPipeline.Web.Components.Status;
using LogPipeline.Web.Hosting;
using LogPipeline.Web.Rest;

namespace LogPipeline.Web.Components.Health;

/// <summary>The report as JSON, for a ticket. Holds figures and problems; no event and no address.</summary>
internal static class HealthReportJson
{
    public static string Write(HealthFacts facts)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("version", ProductVersion.Text);
            json.WriteString("stream", facts.Stream?.Name);
            if (facts.Report is { } report)
            {
                WriteReport(json, report);
            }

            WriteTables(json, facts.Tables);
            WriteLog(json, facts);
            WriteQueries(json, facts);
            WriteWeb(json, facts.Web);
            ExternalSystemsJson.WriteWriter(json, "writer", facts.Writer);
            ExternalSystemsJson.WriteBrokers(json, "kafka", facts.Brokers, withAddresses: false);
            ExternalSystemsJson.WriteEngine(json, "spark", facts.Engine, withAddresses: false);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteReport(Utf8JsonWriter json, HealthReport report)
    {
        json.WriteString("checkedAt", Instant(report.At));
        json.WriteString("state", StatePill.Word(report.State));
        json.WriteStartArray("stages");
        foreach (var stage in report.Stages)
        {
            json.WriteStartObject();
            json.WriteString("name", stage.Name);
            json.WriteString("state", StatePill.Word(stage.State));
            json.WriteString("about", stage.About);
            json.WriteString("problem", stage.Problem);
            foreach (var figure in stage.Figures)
            {
                json.WriteString(figure.Label, figure.Value);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("conservation");
        json.WriteNumber("received", report.Conservation.Received);
        json.WriteNumber("stored", report.Conservation.Stored);
        json.WriteNumber("duplicate", report.Conservation.Duplicate);
        json.WriteNumber("deadLettered", report.Conservation.DeadLettered);
        json.WriteNumber("inFlight", report.Conservation.InFlight);
        WriteOptional(json, "inFlightOldestMs", report.Conservation.InFlightOldestMs);
        json.WriteNumber("difference", report.Conservation.Difference);
        json.WriteEndObject();
    }

    private static void WriteTables(Utf8JsonWriter json, IReadOnlyList<TableFacts> tables)
    {
        json.WriteStartArray("tables");
        foreach (var table in tables)
        {
            json.WriteStartObject();
            json.WriteString("name", table.Name);
            json.WriteString("problem", table.Problem);
            if (table.Status is { } status)
            {
                json.WriteNumber("version", status.Version);
                json.WriteString("committedAt", Instant(status.CommittedAt));
                json.WriteNumber("files", status.Files);
                json.WriteNumber("smallFiles", status.SmallFiles);
                json.WriteNumber("sizeBytes", status.SizeBytes);
                WriteOptional(json, "rows", status.Rows);
                WriteOptional(json, "commitP99Ms", status.CommitP99Ms);
                json.WriteNumber("checkpointVersion", status.CheckpointVersion);
                WriteOptional(json, "firstVersion", table.FirstVersion);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteLog(Utf8JsonWriter json, HealthFacts facts)
    {
        if (facts.Log is not { } log)
        {
            json.WriteNull("eventLog");
            return;
        }

        json.WriteStartObject("eventLog");
        json.WriteBoolean("writable", log.Writable);
        json.WriteString("problem", log.Problem);
        json.WriteNumber("sizeBytes", log.SizeBytes);
        json.WriteNumber("commitMs", log.CommitMs);
        json.WriteStartArray("partitions");
        foreach (var bounds in facts.Bounds)
        {
            json.WriteStartObject();
            json.WriteNumber("partition", bounds.Partition);
            json.WriteNumber("begin", bounds.Begin);
            json.WriteNumber("end", bounds.End);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteQueries(Utf8JsonWriter json, HealthFacts facts)
    {
        if (facts.Queries is not { } queries)
        {
            json.WriteNull("query");
            return;
        }

        json.WriteStartObject("query");
        json.WriteString("engine", queries.Engine);
        json.WriteNumber("running", queries.Running);
        json.WriteNumber("waiting", queries.Waiting);
        json.WriteNumber("answered", queries.Answered);
        json.WriteNumber("failed", queries.Failed);
        WriteOptional(json, "p95Ms", queries.P95?.TotalMilliseconds);
        json.WriteEndObject();
    }

    private static void WriteWeb(Utf8JsonWriter json, WebActivity? web)
    {
        if (web is null)
        {
            json.WriteNull("web");
            return;
        }

        json.WriteStartObject("web");
        json.WriteNumber("pages", web.Pages);
        json.WriteNumber("eventStreams", web.EventStreams);
        json.WriteNumber("slow", web.Slow);
        json.WriteNumber("dropped", web.Dropped);
        WriteOptional(json, "toScreenP50Ms", web.ToScreenP50Ms);
        WriteOptional(json, "toScreenP99Ms", web.ToScreenP99Ms);
        json.WriteEndObject();
    }

    private static string Instant(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static void WriteOptional(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            json.WriteNumber(name, Math.Round(number, 1));
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
