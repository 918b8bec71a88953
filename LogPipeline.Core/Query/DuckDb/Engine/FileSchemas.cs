using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using DuckDB.NET.Data;
using LogPipeline.Core.Lake;

namespace LogPipeline.Core.Query.DuckDb.Engine;

/// <summary>What a Parquet file physically holds.</summary>
/// <param name="Signature">Equal for files that one <c>read_parquet</c> may read together.</param>
/// <param name="Columns">Names of the top-level columns.</param>
internal sealed record FileSchema(string Signature, IReadOnlySet<string> Columns);

/// <summary>Schemas of the live files by path. Data files never change, so an entry stays right for ever.</summary>
/// <remarks>
/// One <c>read_parquet</c> takes the first file's types for all of its files, so INT96 and INT64 timestamps, or files from before
/// and after a new column, must not be read by one call.
/// </remarks>
internal sealed class FileSchemas
{
    private const int MaxEntries = 200_000;
    private const int FilesAtOnce = 500;

    private readonly ConcurrentDictionary<string, FileSchema> byPath = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, FileSchema> bySignature = new(StringComparer.Ordinal);

    public FileSchema this[string path] => byPath[path];

    /// <summary>Reads the footers of files that were not seen before.</summary>
    public void Load(DuckDBConnection connection, TableSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (byPath.Count > MaxEntries)
        {
            byPath.Clear();
        }

        var unknown = snapshot.Files.Select(file => file.Path).Where(path => !byPath.ContainsKey(path)).ToArray();
        foreach (var paths in unknown.Chunk(FilesAtOnce))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Read(connection, paths);
        }
    }

    private void Read(DuckDBConnection connection, string[] paths)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT file_name, name, type, repetition_type, num_children, converted_type, logical_type FROM parquet_schema(["
            + string.Join(", ", paths.Select(DuckDbSql.PathLiteral)) + "])";
        using var reader = command.ExecuteReader();
        var builders = new Dictionary<string, SchemaBuilder>(StringComparer.Ordinal);
        while (reader.Read())
        {
            var path = reader.GetString(0);
            if (!builders.TryGetValue(path, out var builder))
            {
                builders[path] = builder = new SchemaBuilder();
            }

            builder.Add(
                Text(1),
                Text(2),
                Text(3),
                reader.IsDBNull(4) ? 0 : Convert.ToInt32(reader.GetValue(4), CultureInfo.InvariantCulture),
                Text(5),
                Text(6));
        }

        foreach (var path in paths)
        {
            var schema = builders.TryGetValue(path, out var builder)
                ? builder.Build()
                : throw new IOException($"No such file: the Parquet footer of {path} could not be read.");
            byPath[path] = bySignature.GetOrAdd(schema.Signature, schema);
        }

        string Text(int column) => reader.IsDBNull(column) ? "" : Convert.ToString(reader.GetValue(column), CultureInfo.InvariantCulture) ?? "";
    }

    /// <summary>Takes the schema's elements in depth-first order, the root first.</summary>
    private sealed class SchemaBuilder
    {
        private readonly StringBuilder signature = new();
        private readonly HashSet<string> columns = new(StringComparer.OrdinalIgnoreCase);
        private readonly Stack<int> open = new();

        public void Add(string name, string type, string repetition, int children, string converted, string logical)
        {
            while (open.TryPeek(out var left) && left == 0)
            {
                open.Pop();
            }

            if (open.TryPop(out var siblings))
            {
                open.Push(siblings - 1);
                if (open.Count == 1)
                {
                    columns.Add(name);
                }

                signature.Append(name).Append(' ').Append(type).Append(' ').Append(repetition).Append(' ')
                    .Append(children).Append(' ').Append(converted).Append(' ').Append(logical).Append('\n');
            }

            open.Push(children);
        }

        public FileSchema Build() => new(signature.ToString(), columns);
    }
}
