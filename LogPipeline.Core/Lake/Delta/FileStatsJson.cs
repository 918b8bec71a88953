using System.Text;
using System.Text.Json;

namespace LogPipeline.Core.Lake.Delta;

/// <summary>Reads what the lake itself needs of a file's statistics.</summary>
internal static class FileStatsJson
{
    /// <summary><c>numRecords</c>, or null when there are no statistics.</summary>
    public static long? ReadRows(string? stats)
    {
        if (stats is null)
        {
            return null;
        }

        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(stats));
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("numRecords"u8))
                {
                    return reader.Read() && reader.TokenType == JsonTokenType.Number ? reader.GetInt64() : null;
                }
            }
        }
        catch (JsonException)
        {
            // Statistics are a hint; a file with broken ones is read whole.
        }

        return null;
    }
}
