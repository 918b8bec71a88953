using System.Globalization;
using System.Text.Json;

namespace LogPipeline.Core.Query.Results;

/// <summary>A result in the shape of <c>POST /api/query</c>.</summary>
public static class QueryResponse
{
    /// <summary>
    /// Writes <c>{"columns":[{"name":"n","type":"bigint"}],"results":[{"n":1}],"executionTime":"1.76s","executionMs":1760,"truncated":false,"engine":"embedded","version":12}</c>.
    /// Columns with equal names are numbered (<c>n</c>, <c>n_2</c>) in both lists; version is null for a statement without a table.
    /// </summary>
    public static async Task WriteAsync(QueryResult result, Stream output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(output);
        var names = UniqueNames.Of([.. result.Columns.Select(column => column.Name)]);
        var writer = new Utf8JsonWriter(output, JsonCells.Options);
        await using (writer.ConfigureAwait(false))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("columns");
            for (var index = 0; index < names.Count; index++)
            {
                writer.WriteStartObject();
                writer.WriteString("name", names[index]);
                writer.WriteString("type", result.Columns[index].Type.SimpleString);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartArray("results");
            foreach (var batch in result.Batches)
            {
                for (var row = 0; row < batch.Length; row++)
                {
                    ResultWriter.WriteRow(writer, result, batch, names, row);
                    if (writer.BytesPending > 64 * 1024)
                    {
                        await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
                    }
                }
            }

            writer.WriteEndArray();
            writer.WriteString("executionTime", string.Create(CultureInfo.InvariantCulture, $"{result.Elapsed.TotalSeconds:0.00}s"));
            writer.WriteNumber("executionMs", Math.Round(result.Elapsed.TotalMilliseconds));
            writer.WriteBoolean("truncated", result.Truncated);
            writer.WriteString("engine", result.Engine);
            if (result.Versions is [var first, ..])
            {
                writer.WriteNumber("version", first.Version);
            }
            else
            {
                writer.WriteNull("version");
            }

            writer.WriteEndObject();
        }
    }
}
