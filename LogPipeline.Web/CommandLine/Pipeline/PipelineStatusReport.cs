using System.Globalization;
using System.Text;
using System.Text.Json;
using LogPipeline.Web.Rest;

namespace LogPipeline.Web.CommandLine.Pipeline;

/// <summary>A running host as text for people and as JSON for programs.</summary>
internal static class PipelineStatusReport
{
    private static readonly string[] OfHost = ["version", "status", "broker", "engine", "kafka", "spark"];
    private static readonly string[] OfStream = ["status", "topic", "conservation", "writer", "table", "stages"];

    /// <summary>A line for host, broker, engine and each stream.</summary>
    public static string ToText(RunningPipeline running)
    {
        var text = new StringBuilder();
        var host = running.Health;
        text.Append(CultureInfo.InvariantCulture, $"LogPipeline {Text(host, "version")}, {running.Owner}: {Text(host, "status")}\n");
        text.Append(CultureInfo.InvariantCulture, $"  {"broker",-10} {Text(host, "broker")}{StateOf(host, "kafka")}\n");
        text.Append(CultureInfo.InvariantCulture, $"  {"engine",-10} {Text(host, "engine")}{StateOf(host, "spark")}\n");
        foreach (var (name, value) in PlacesOf(host))
        {
            text.Append(CultureInfo.InvariantCulture, $"  {name,-10} {value}\n");
        }

        foreach (var (stream, health) in running.Streams)
        {
            var account = health.GetProperty("conservation");
            var writer = health.GetProperty("writer");
            var isKnown = writer.ValueKind == JsonValueKind.Object;
            var stored = account.GetProperty("stored").GetInt64();
            var rate = health.GetProperty("stages").EnumerateArray().Where(stage => Text(stage, "name") == "Lake")
                .Select(stage => stage.GetProperty("figures").GetProperty("rate").GetString()).FirstOrDefault();
            text.Append(CultureInfo.InvariantCulture, $"  {stream,-10} {(isKnown ? Text(writer, "state") : "no writer")}: {stored:N0} rows in {(isKnown ? Text(writer, "table") : "no table")}, {rate}, lag {account.GetProperty("inFlight").GetInt64():N0}, {account.GetProperty("deadLettered").GetInt64():N0} dead letters\n");
            if (isKnown && Text(writer, "problem") is { Length: > 0 } problem)
            {
                text.Append(CultureInfo.InvariantCulture, $"  {"",-10} {problem}\n");
            }
        }

        return text.ToString().TrimEnd('\n');
    }

    /// <summary>Writes <c>{"running":true,"processId":1,"url":"…","status":"ok","broker":"kafka","engine":"spark","kafka":{…},"spark":{…},"streams":[{"name":"web-logs","lag":0,"conservation":{…},"writer":{…}}]}</c>, the parts as in <c>/health</c>.</summary>
    public static string ToJson(RunningPipeline running) => RestJson.ToText(json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("running", true);
        json.WriteNumber("processId", running.Owner.ProcessId);
        json.WriteString("url", running.Owner.Url);
        Copy(json, running.Health, OfHost);
        json.WriteStartArray("streams");
        foreach (var (stream, health) in running.Streams)
        {
            json.WriteStartObject();
            json.WriteString("name", stream);
            json.WriteNumber("lag", health.GetProperty("conservation").GetProperty("inFlight").GetInt64());
            Copy(json, health, OfStream);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>Where brokers and Spark are, and Spark's own pages.</summary>
    public static IEnumerable<(string Name, string Value)> PlacesOf(JsonElement health)
    {
        if (health.GetProperty("kafka") is { ValueKind: JsonValueKind.Object } kafka)
        {
            yield return ("Kafka", string.Join(", ", kafka.GetProperty("brokers").EnumerateArray().Select(broker => Text(broker, "address"))));
        }

        if (health.GetProperty("spark") is { ValueKind: JsonValueKind.Object } spark)
        {
            yield return ("Spark", $"{Text(spark, "address")} ({Text(spark, "master")})");
            foreach (var link in spark.GetProperty("links").EnumerateArray())
            {
                yield return (Text(link, "name"), Text(link, "url"));
            }
        }
    }

    private static void Copy(Utf8JsonWriter json, JsonElement from, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            json.WritePropertyName(name);
            from.GetProperty(name).WriteTo(json);
        }
    }

    private static string StateOf(JsonElement host, string system) => host.GetProperty(system) is { ValueKind: JsonValueKind.Object } one
        ? ", " + Text(one, "state") + (Text(one, "problem") is { Length: > 0 } problem ? ": " + problem : "")
        : "";

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString() ?? "";
}
