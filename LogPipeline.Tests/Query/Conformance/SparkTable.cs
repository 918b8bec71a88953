using System.Diagnostics;
using System.Text.Json;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Types;
using Xunit;

namespace LogPipeline.Tests.Query.Conformance;

/// <summary>The table of <c>data/spark-sql</c> as Spark wrote it: Delta, with INT96 timestamps.</summary>
public sealed class SparkTable : ITableCatalog, IDisposable
{
    private TableSnapshot? snapshot;

    public static string? Data => Environment.GetEnvironmentVariable("LOGPIPELINE_TESTDATA") is { Length: > 0 } folder ? Path.Combine(folder, "spark-sql") : null;

    public IReadOnlyList<string> Tables => ["logs"];

    public string Root { get; } = Directory.CreateTempSubdirectory("logpipeline-spark-sql-").FullName;

    public ValueTask<TableSnapshot?> FindAsync(string table, CancellationToken cancellationToken) =>
        ValueTask.FromResult(table.Equals("logs", StringComparison.OrdinalIgnoreCase) ? snapshot ??= Load() : null);

    public ValueTask<TableSnapshot> ReadVersionAsync(string table, long version, CancellationToken cancellationToken) =>
        version == 0 ? ValueTask.FromResult(snapshot ??= Load()) : throw new LakeException($"Version {version} of {table} does not exist.");

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private TableSnapshot Load()
    {
        if (Data is null)
        {
            Assert.Skip("LOGPIPELINE_TESTDATA is not set");
        }

        using var tar = Process.Start(new ProcessStartInfo("tar", ["--zstd", "-xf", Path.Combine(Data, "logs.tar.zst"), "-C", Root]))!;
        tar.WaitForExit();
        Assert.Equal(0, tar.ExitCode);
        var folder = Path.Combine(Root, "logs");
        StructType? schema = null;
        var files = new List<DataFile>();
        foreach (var line in File.ReadLines(Path.Combine(folder, "_delta_log", "00000000000000000000.json")))
        {
            using var action = JsonDocument.Parse(line);
            if (action.RootElement.TryGetProperty("metaData", out var metaData))
            {
                using var fields = JsonDocument.Parse(metaData.GetProperty("schemaString").GetString()!);
                schema = (StructType)TypeOf(fields.RootElement);
            }
            else if (action.RootElement.TryGetProperty("add", out var add))
            {
                var file = new FileInfo(Path.Combine(folder, add.GetProperty("path").GetString()!));
                files.Add(new DataFile(file.FullName, file.Length, file.LastWriteTimeUtc, new Dictionary<string, string?>(), null));
            }
        }

        return new TableSnapshot("logs", folder, 0, DateTimeOffset.UnixEpoch, schema!, [], files);
    }

    private static DataType TypeOf(JsonElement type)
    {
        if (type.ValueKind == JsonValueKind.String)
        {
            var name = type.GetString()!;
            if (!name.StartsWith("decimal(", StringComparison.Ordinal))
            {
                return DataTypes.All.Single(one => one.JsonName == name);
            }

            var numbers = name[8..^1].Split(',').Select(text => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            return new DecimalType(numbers[0], numbers[1]);
        }

        return type.GetProperty("type").GetString() switch
        {
            "struct" => new StructType([.. type.GetProperty("fields").EnumerateArray().Select(field =>
                new StructField(field.GetProperty("name").GetString()!, TypeOf(field.GetProperty("type")), field.GetProperty("nullable").GetBoolean()))]),
            "array" => new ArrayType(TypeOf(type.GetProperty("elementType"))),
            _ => new MapType(TypeOf(type.GetProperty("keyType")), TypeOf(type.GetProperty("valueType"))),
        };
    }
}
