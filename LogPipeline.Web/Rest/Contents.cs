using System.Net.Mime;
using Microsoft.Net.Http.Headers;

namespace LogPipeline.Web.Rest;

/// <summary>Checks what a request's body claims to be.</summary>
internal static class Contents
{
    /// <summary>Refuses a body that is neither JSON nor text.</summary>
    /// <exception cref="ProblemException">It is something else, or says nothing.</exception>
    public static void RequireJsonOrText(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !IsJsonOrText(type))
        {
            throw new ProblemException(415, "The content type is not understood",
                $"{(string.IsNullOrEmpty(request.ContentType) ? "The request has no Content-Type" : $"'{request.ContentType}' is not understood")}; send application/json, application/x-ndjson or text/plain.");
        }

        if (type.Charset is { HasValue: true } charset && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) && !charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase))
        {
            throw new ProblemException(415, "The content type is not understood", $"The charset '{charset}' is not understood; send UTF-8.");
        }
    }

    /// <summary>Whether a body is plain text rather than JSON.</summary>
    public static bool IsText(HttpRequest request) => MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.Type.Equals("text", StringComparison.OrdinalIgnoreCase);

    private static bool IsJsonOrText(MediaTypeHeaderValue type) =>
        type.MediaType.Equals(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase)
        || type.MediaType.Equals("application/x-ndjson", StringComparison.OrdinalIgnoreCase)
        || type.MediaType.Equals("application/jsonl", StringComparison.OrdinalIgnoreCase)
        || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)
        || type.Type.Equals("text", StringComparison.OrdinalIgnoreCase);
}
