using System.Text.Json;

namespace LogPipeline.Web.Rest;

/// <summary>Writes errors as RFC 9457 problem details.</summary>
internal static class Problems
{
    /// <summary>Answers with a problem.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="title">The kind of problem, the same for each of its kind.</param>
    /// <param name="detail">What is wrong with this request and what to do about it.</param>
    /// <param name="extend">Adds members of its own.</param>
    public static async Task WriteAsync(HttpContext context, int status, string title, string? detail, Action<Utf8JsonWriter>? extend = null)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        context.Response.Headers.CacheControl = "no-store";
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, RestJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("type", "about:blank");
            json.WriteString("title", title);
            json.WriteNumber("status", status);
            if (detail is not null)
            {
                json.WriteString("detail", detail);
            }

            json.WriteString("instance", context.Request.Path.Value);
            extend?.Invoke(json);
            json.WriteEndObject();
        }

        if (!HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.ContentLength = buffer.Length;
            await context.Response.Body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), context.RequestAborted);
        }
    }
}

/// <summary>A problem found by a handler; the problem middleware writes it.</summary>
internal sealed class ProblemException : Exception
{
    public ProblemException()
    {
    }

    public ProblemException(string message)
        : base(message)
    {
    }

    public ProblemException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public ProblemException(int status, string title, string detail)
        : base(detail)
    {
        Status = status;
        Title = title;
    }

    /// <summary>HTTP status.</summary>
    public int Status { get; } = 400;

    /// <summary>Kind of problem.</summary>
    public string Title { get; } = "The request is wrong";

    /// <summary>What is wrong, by field.</summary>
    public IReadOnlyList<(string Field, string Message)> Errors { get; init; } = [];

    /// <summary>When to try again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>More members.</summary>
    public Action<Utf8JsonWriter>? Extend { get; init; }
}
