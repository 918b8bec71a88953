using System.Text.Encodings.Web;
using System.Text.Json;

namespace LogPipeline.Web.Rest;

/// <summary>How JSON is written.</summary>
internal static class RestJson
{
    /// <summary>Text stays readable: answers are JSON documents, never part of a page.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
