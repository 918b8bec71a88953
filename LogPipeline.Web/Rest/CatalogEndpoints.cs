using System.Globalization;
using System.Text.Json;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Streams;

namespace LogPipeline.Web.Rest;

/// <summary>Which streams and tables there are, and what is in them.</summary>
internal static class CatalogEndpoints
{
    public static void MapCatalog(this IEndpointRouteBuilder routes)
    {
        Api.Get(routes, "/api/streams", "Catalog", "The streams, their fields and their tables", StreamsAsync);
        Api.Get(routes, "/api/tables", "Catalog", "The tables of schema delta_lake", TablesAsync);
        Api.Get(routes, "/api/tables/{table}", "Catalog", "Columns, version, files and properties of a table", DescribeAsync, Table);
        Api.Get(routes, "/api/tables/{table}/history", "Catalog", "Versions of a table, newest first", HistoryAsync,
            Table, new ApiParameter("limit", ParameterKind.Whole, "Versions at most.") { Default = 20, Least = 1, Greatest = 1000 });
        Api.Post(routes, "/api/tables/{table}/optimize", "Catalog", "Merges the small files of a table", OptimizeAsync, Table);
        Api.Post(routes, "/api/tables/{table}/vacuum", "Catalog", "Deletes files that no kept version names", VacuumAsync,
            Table,
            new ApiParameter("dryRun", ParameterKind.Switch, "Only say what would be deleted."),
            new ApiParameter("retention", ParameterKind.Duration, "How long files are kept; the table's own when absent.") { Example = "7d" },
            new ApiParameter("force", ParameterKind.Switch, "Allow a retention below the table's own."));
    }

    private static ApiParameter Table { get; } = new("{table}", ParameterKind.Text, "Name of the table.") { Example = "logs" };

    /// <summary>Writes what a table is.</summary>
    public static void WriteDescription(Utf8JsonWriter json, TableDescription table)
    {
        json.WriteStartObject();
        json.WriteString("name", table.Name);
        json.WriteString("id", table.Id);
        json.WriteString("location", table.Location);
        json.WriteNumber("version", table.Version);
        json.WriteString("createdAt", table.CreatedAt is { } created ? Instant(created) : null);
        json.WriteString("committedAt", Instant(table.CommittedAt));
        json.WriteString("protocol", table.Protocol);
        json.WriteStartArray("partitionColumns");
        foreach (var column in table.PartitionColumns)
        {
            json.WriteStringValue(column);
        }

        json.WriteEndArray();
        json.WriteNumber("files", table.Files);
        json.WriteNumber("sizeBytes", table.SizeBytes);
        WriteOptional(json, "rows", table.Rows);
        json.WriteNumber("deletedFiles", table.DeletedFiles);
        WriteTexts(json, "properties", table.Properties);
        json.WriteStartObject("positions");
        foreach (var (application, position) in table.Positions)
        {
            json.WriteNumber(application, position);
        }

        json.WriteEndObject();
        json.WriteStartArray("columns");
        foreach (var (name, type) in table.Columns)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("type", type);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes the versions of a table.</summary>
    public static void WriteHistory(Utf8JsonWriter json, IReadOnlyList<TableCommit> commits)
    {
        json.WriteStartObject();
        json.WriteStartArray("history");
        foreach (var commit in commits)
        {
            json.WriteStartObject();
            json.WriteNumber("version", commit.Version);
            json.WriteString("at", Instant(commit.At));
            json.WriteString("operation", commit.Operation);
            WriteTexts(json, "parameters", commit.Parameters);
            WriteTexts(json, "metrics", commit.Metrics);
            json.WriteString("engine", commit.Engine);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes what a compaction did.</summary>
    public static void WriteCompaction(Utf8JsonWriter json, string table, LogPipeline.Core.Lake.Upkeep.CompactionResult result)
    {
        json.WriteStartObject();
        json.WriteString("table", table);
        json.WriteNumber("filesRemoved", result.FilesRemoved);
        json.WriteNumber("filesAdded", result.FilesAdded);
        json.WriteNumber("bytesRemoved", result.BytesRemoved);
        json.WriteNumber("bytesAdded", result.BytesAdded);
        WriteOptional(json, "version", result.Version);
        json.WriteNumber("elapsedMs", Math.Round(result.Elapsed.TotalMilliseconds));
        json.WriteEndObject();
    }

    /// <summary>Writes what a vacuum did.</summary>
    public static void WriteVacuum(Utf8JsonWriter json, string table, VacuumResult result)
    {
        json.WriteStartObject();
        json.WriteString("table", table);
        json.WriteBoolean("dryRun", result.DryRun);
        json.WriteNumber("files", result.Files.Count);
        json.WriteNumber("sizeBytes", result.SizeBytes);
        json.WriteStartArray("paths");
        foreach (var path in result.Files.Take(1000))
        {
            json.WriteStringValue(path);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Instant(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static void WriteOptional(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string?> texts)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in texts)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static Task StreamsAsync(HttpContext context)
    {
        new QueryReader(context).Check();
        var logs = context.RequestServices.GetRequiredService<IEventLogs>();
        return Answers.WriteJsonAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("streams");
            foreach (var stream in context.RequestServices.GetRequiredService<StreamRegistry>().All)
            {
                json.WriteStartObject();
                json.WriteString("name", stream.Name);
                json.WriteString("topic", stream.Topic);
                json.WriteString("table", stream.Table);
                json.WriteString("schema", stream.Schema.Name);
                json.WriteStartArray("fields");
                foreach (var column in stream.Schema.Columns)
                {
                    json.WriteStartObject();
                    json.WriteString("name", column.Name);
                    json.WriteString("type", column.Type.Name);
                    json.WriteBoolean("required", column.Required);
                    json.WriteString("description", column.Comment);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteStartArray("partitions");
                foreach (var bounds in logs.Find(stream.Name)?.Bounds ?? [])
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

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static async Task TablesAsync(HttpContext context)
    {
        new QueryReader(context).Check();
        var catalog = context.RequestServices.GetRequiredService<ITableCatalog>();
        var tables = new List<TableSnapshot>();
        foreach (var name in catalog.Tables)
        {
            if (await catalog.FindAsync(name, context.RequestAborted) is { } table)
            {
                tables.Add(table);
            }
        }

        await Answers.WriteJsonAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("tables");
            foreach (var table in tables)
            {
                json.WriteStartObject();
                json.WriteString("name", table.Name);
                json.WriteNumber("version", table.Version);
                json.WriteString("committedAt", Instant(table.CommittedAt));
                json.WriteNumber("files", table.Files.Count);
                json.WriteNumber("sizeBytes", table.SizeBytes);
                WriteOptional(json, "rows", table.RowCount);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static async Task DescribeAsync(HttpContext context)
    {
        new QueryReader(context).Check();
        var table = await OfTableAsync(context, (lake, name) => lake.DescribeAsync(name, context.RequestAborted));
        await Answers.WriteJsonAsync(context, json => WriteDescription(json, table));
    }

    private static async Task HistoryAsync(HttpContext context)
    {
        var reader = new QueryReader(context);
        var limit = reader.Whole("limit");
        reader.Check();
        var history = await OfTableAsync(context, (lake, name) => lake.HistoryAsync(name, limit, context.RequestAborted));
        await Answers.WriteJsonAsync(context, json => WriteHistory(json, history));
    }

    private static async Task OptimizeAsync(HttpContext context)
    {
        new QueryReader(context).Check();
        var result = await OfTableAsync(context, (lake, name) => lake.OptimizeAsync(name, context.RequestAborted));
        await Answers.WriteJsonAsync(context, json => WriteCompaction(json, NameOf(context), result));
    }

    private static async Task VacuumAsync(HttpContext context)
    {
        var reader = new QueryReader(context);
        var retention = reader.Duration("retention", TimeSpan.MinValue, TimeSpan.Zero, TimeSpan.FromDays(36_500));
        var (dryRun, force) = (reader.Switch("dryRun"), reader.Switch("force"));
        reader.Check();
        var result = await OfTableAsync(context, (lake, name) => lake.VacuumAsync(name, retention < TimeSpan.Zero ? null : retention, dryRun, force, context.RequestAborted));
        await Answers.WriteJsonAsync(context, json => WriteVacuum(json, NameOf(context), result));
    }

    private static string NameOf(HttpContext context) => (string)context.Request.RouteValues["table"]!;

    private static async Task<T> OfTableAsync<T>(HttpContext context, Func<LakeMaintenance, string, Task<T>> ask)
    {
        var name = NameOf(context);
        var catalog = context.RequestServices.GetRequiredService<ITableCatalog>();
        if (!catalog.Tables.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            var meant = Spelling.Closest(name, catalog.Tables);
            throw new ProblemException(404, "There is no such table", catalog.Tables.Count == 0
                ? "There is no table yet; send an event first."
                : $"No table is named '{name}'; {(meant is null ? $"there is {string.Join(", ", catalog.Tables)}" : $"did you mean {meant}?")}");
        }

        try
        {
            return await ask(context.RequestServices.GetRequiredService<LakeMaintenance>(), name);
        }
        catch (LakeException error)
        {
            throw new ProblemException(409, "The table cannot do that", error.Message);
        }
    }
}
