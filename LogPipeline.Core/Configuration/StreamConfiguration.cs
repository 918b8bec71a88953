using System.Text.RegularExpressions;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Configuration;

/// <summary>Makes the streams of a host from its options.</summary>
internal static partial class StreamConfiguration
{
    private static readonly string[] ReservedTables = ["dead_letters", "logs_by_minute", "ml_predictions", "anomalies"];

    /// <summary>Makes the streams; schemas that are files are read from the working folder.</summary>
    /// <returns>The registry, or null when there are problems.</returns>
    public static StreamRegistry? Create(IDictionary<string, StreamOptions> options, string workingFolder, ICollection<ConfigurationProblem> problems)
    {
        const string section = "LogPipeline:Streams";
        var before = problems.Count;
        var streams = new List<StreamDefinition>();
        if (options.Count == 0)
        {
            problems.Add(new(section, "has no stream; add one such as \"web-logs\": { \"Schema\": \"web-log\" }"));
        }

        foreach (var (name, one) in options)
        {
            var key = $"{section}:{name}";
            if (!StreamName().IsMatch(name))
            {
                problems.Add(new(key, "a stream's name is made of small letters, digits and hyphens, and begins with a letter"));
            }

            var table = one.Table ?? name.Replace('-', '_');
            if (!TableName().IsMatch(table))
            {
                problems.Add(new(key + ":Table", $"'{table}' is no table name; use small letters, digits and underscores, beginning with a letter"));
            }
            else if (ReservedTables.Contains(table))
            {
                problems.Add(new(key + ":Table", $"'{table}' is a table of the product; choose another name"));
            }
            else if (streams.Find(other => other.Table == table) is { } other)
            {
                problems.Add(new(key + ":Table", $"'{table}' is the table of stream {other.Name} already; give each stream a table of its own"));
            }

            if (one.Retention.MaxBytes < 1L << 20)
            {
                problems.Add(new(key + ":Retention:MaxBytes", "must be at least 1MiB"));
            }

            if (one.Retention.MaxAge < TimeSpan.FromMinutes(1))
            {
                problems.Add(new(key + ":Retention:MaxAge", "must be at least 1min"));
            }

            if (ReadSchema(key, one.Schema, workingFolder, problems) is { } schema)
            {
                streams.Add(new(name, schema, one.Topic ?? name, table, new(one.Retention.MaxBytes, one.Retention.MaxAge)));
            }
        }

        return problems.Count == before ? new StreamRegistry(streams) : null;
    }

    private static StreamSchema? ReadSchema(string key, string? schema, string workingFolder, ICollection<ConfigurationProblem> problems)
    {
        if (schema is null)
        {
            problems.Add(new(key + ":Schema", "is missing; give the name of a shipped schema such as web-log, or the path of an .avsc file"));
            return null;
        }

        try
        {
            return schema.EndsWith(".avsc", StringComparison.OrdinalIgnoreCase)
                ? AvroSchemaReader.Parse(Path.GetFileNameWithoutExtension(schema), File.ReadAllText(Path.Combine(workingFolder, schema)))
                : AvroSchemaReader.ReadShipped(schema);
        }
        catch (Exception error) when (error is StreamSchemaException or IOException or UnauthorizedAccessException)
        {
            problems.Add(new(key + ":Schema", error.Message));
            return null;
        }
    }

    [GeneratedRegex("^[a-z][a-z0-9-]{0,63}$")]
    private static partial Regex StreamName();

    [GeneratedRegex("^[a-z][a-z0-9_]{0,63}$")]
    private static partial Regex TableName();
}
