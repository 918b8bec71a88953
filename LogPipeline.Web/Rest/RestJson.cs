using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LogPipeline.Web.Rest;

/// <summary>How JSON is written.</summary>
internal static class RestJson
{
    /// <summary>Text stays readable: answers are JSON documents, never part of a page.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A document as text.</summary>
    public static string ToText(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, WriterOptions))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
