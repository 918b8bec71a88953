using LogPipeline.Web.Rest;

namespace LogPipeline.Web.Security;

/// <summary>Lets in who has a secret: bearer or X-Api-Key for REST, the cookie of the login link for pages.</summary>
internal sealed class AccessMiddleware(RequestDelegate next, AccessKeys keys)
{
    private static readonly string[] OpenPaths = ["/login", "/ping", "/health/live", "/health/ready", "/favicon.ico"];

    public async Task InvokeAsync(HttpContext context)
    {
        if (!keys.Required || IsOpen(context.Request.Path))
        {
            await next(context);
            return;
        }

        switch (AccessOf(context.Request))
        {
            case Access.Full:
            case Access.Ingest when context.Request.Path.StartsWithSegments("/api/ingest", StringComparison.OrdinalIgnoreCase):
                await next(context);
                return;
            case Access.Ingest:
                await Problems.WriteAsync(context, 403, "This key may only send events", "Use the token of LogPipeline:Auth:Token for anything else.");
                return;
            default:
                await RefuseAsync(context);
                return;
        }
    }

    private static bool IsOpen(PathString path) => OpenPaths.Any(open => path.Equals(open, StringComparison.OrdinalIgnoreCase));

    private Access AccessOf(HttpRequest request)
    {
        const string bearer = "Bearer ";
        if (request.Headers.Authorization.ToString() is { Length: > 0 } header && header.StartsWith(bearer, StringComparison.OrdinalIgnoreCase))
        {
            return keys.OfSecret(header[bearer.Length..].Trim());
        }

        if (request.Headers["X-Api-Key"].ToString() is { Length: > 0 } key)
        {
            return keys.OfSecret(key);
        }

        return request.Cookies.TryGetValue(AccessKeys.CookieName, out var cookie) && keys.IsSession(cookie) ? Access.Full : Access.None;
    }

    private static Task RefuseAsync(HttpContext context)
    {
        var wantsPage = HttpMethods.IsGet(context.Request.Method) && !ApiPaths.IsApi(context.Request.Path)
            && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
        if (wantsPage)
        {
            context.Response.Redirect("/login?returnUrl=" + Uri.EscapeDataString(context.Request.PathBase + context.Request.Path + context.Request.QueryString));
            return Task.CompletedTask;
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.WriteAsync(context, 401, "A token is needed", "Send it as 'Authorization: Bearer TOKEN' or 'X-Api-Key: TOKEN'; pages open with the login link that the host printed at its start.");
    }
}
