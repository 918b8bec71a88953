using System.Net;
using LogPipeline.Core.Configuration;
using LogPipeline.Web.Rest;

namespace LogPipeline.Web.Security;

/// <summary>Refuses requests that a foreign page makes in a visitor's browser.</summary>
/// <remarks>
/// A name that an attacker points at 127.0.0.1 (DNS rebinding) arrives as Host; a request that a foreign page sends (CSRF)
/// carries Origin or Sec-Fetch-Site. A plain address as Host needs no DNS and therefore cannot be rebound.
/// </remarks>
internal sealed class HostAndOriginMiddleware(RequestDelegate next, HttpOptions options)
{
    public Task InvokeAsync(HttpContext context)
    {
        var host = context.Request.Host;
        if (!IsAllowedHost(host.Host))
        {
            return Problems.WriteAsync(context, 400, "This host does not go by that name",
                $"The request names '{host.Host}'. Add the name to LogPipeline:Http:AllowedHosts if it is meant to reach this host.");
        }

        var origin = context.Request.Headers.Origin.ToString();
        if (origin.Length > 0 && !IsAllowedOrigin(origin, host))
        {
            return Problems.WriteAsync(context, 403, "Another site may not call this host",
                $"The request comes from a page of '{origin}'. Add it to LogPipeline:Http:AllowedOrigins if it is meant to.");
        }

        if (origin.Length == 0 && !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method)
            && context.Request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site")
        {
            return Problems.WriteAsync(context, 403, "Another site may not call this host", "The browser says that a page of another site sent this request.");
        }

        return next(context);
    }

    private bool IsAllowedHost(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || IPAddress.TryParse(host.Trim('[', ']'), out _)
        || options.AllowedHosts.Any(allowed => string.Equals(allowed, host, StringComparison.OrdinalIgnoreCase));

    private bool IsAllowedOrigin(string origin, HostString host) =>
        (Uri.TryCreate(origin, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            && string.Equals(url.Authority, WithoutDefaultPort(host, url), StringComparison.OrdinalIgnoreCase))
        || options.AllowedOrigins.Any(allowed => string.Equals(allowed.TrimEnd('/'), origin, StringComparison.OrdinalIgnoreCase));

    private static string WithoutDefaultPort(HostString host, Uri url) =>
        host.Port is { } port && !url.IsDefaultPort ? $"{host.Host}:{port}"
        : host.Port is { } same && same == url.Port ? host.Host
        : host.ToString();
}
