using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Routing.Template;

namespace LogPipeline.Web.Rest;

/// <summary>Makes every failed answer of an API path a problem document, whoever refused it.</summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!ApiPaths.IsApi(context.Request.Path))
        {
            await next(context);
            return;
        }

        context.Response.Headers.CacheControl = "no-store";
        try
        {
            await next(context);
        }
        catch (Exception error) when (IsGone(context, error))
        {
            return;
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, error);
            return;
        }

        if (context.Response.StatusCode >= 400 && !context.Response.HasStarted && context.Response.ContentLength is null or 0 && context.Response.ContentType is null)
        {
            await WriteStatusAsync(context);
        }
    }

    // The server tells a reader of the body that the connection is aborted before it cancels RequestAborted.
    private static bool IsGone(HttpContext context, Exception error) =>
        (error is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        || error is ConnectionAbortedException or ConnectionResetException
        || error.InnerException is ConnectionAbortedException or ConnectionResetException;

    private async Task WriteAsync(HttpContext context, Exception error)
    {
        // Headers of a half-made answer (encoding, length) must not describe the problem.
        context.Response.Clear();
        switch (error)
        {
            case ProblemException problem:
                if (problem.RetryAfter is { } wait)
                {
                    context.Response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
                }

                await Problems.WriteAsync(context, problem.Status, problem.Title, problem.Message, json =>
                {
                    if (problem.Errors.Count > 0)
                    {
                        json.WriteStartObject("errors");
                        foreach (var group in problem.Errors.GroupBy(one => one.Field))
                        {
                            json.WriteStartArray(group.Key);
                            foreach (var (_, message) in group)
                            {
                                json.WriteStringValue(message);
                            }

                            json.WriteEndArray();
                        }

                        json.WriteEndObject();
                    }

                    problem.Extend?.Invoke(json);
                });
                break;
            case BadHttpRequestException { StatusCode: 413 }:
                await WriteTooLargeAsync(context);
                break;
            case BadHttpRequestException bad:
                await Problems.WriteAsync(context, bad.StatusCode, "The request is wrong", bad.Message);
                break;
            default:
                var trace = Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
                Failed(error, context.Request.Method, context.Request.Path, trace);
                await Problems.WriteAsync(context, 500, "The host failed", "This is a fault of the host; its log has the details.", json => json.WriteString("traceId", trace));
                break;
        }
    }

    private static Task WriteTooLargeAsync(HttpContext context) =>
        Problems.WriteAsync(context, 413, "The body is too large", "Send it in smaller pieces; the limit of ingest requests is LogPipeline:Ingest:MaxBodyBytes, that of others is 1 MiB.");

    private static Task WriteStatusAsync(HttpContext context)
    {
        // A page's route that takes any path hides from the router that another method would have been understood.
        if (context.Response.StatusCode == 404 && MethodsOf(context) is { Count: > 0 } methods && !methods.Contains(context.Request.Method, StringComparer.OrdinalIgnoreCase))
        {
            context.Response.Headers.Allow = string.Join(", ", methods);
            context.Response.StatusCode = 405;
        }

        return WriteStatusTextAsync(context);
    }

    private static List<string> MethodsOf(HttpContext context) =>
        [.. context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<ApiParameters>() is not null)
            .Where(endpoint => new TemplateMatcher(TemplateParser.Parse(endpoint.RoutePattern.RawText!), []).TryMatch(context.Request.Path, []))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
            .Distinct(StringComparer.Ordinal)];

    private static Task WriteStatusTextAsync(HttpContext context) => context.Response.StatusCode switch
    {
        404 => Problems.WriteAsync(context, 404, "There is nothing here", $"No such path: {context.Request.Path}. All paths are described in /openapi/v1.json."),
        405 => Problems.WriteAsync(context, 405, "The method does not fit the path", $"{context.Request.Method} is not understood here; allowed is {context.Response.Headers.Allow}."),
        413 => WriteTooLargeAsync(context),
        415 => Problems.WriteAsync(context, 415, "The content type is not understood", "Send application/json, application/x-ndjson or text/plain."),
        var status => Problems.WriteAsync(context, status, Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status), null),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed ({TraceId})")]
    private partial void Failed(Exception error, string method, string path, string traceId);
}
