using System.Text.Encodings.Web;

namespace LogPipeline.Web.Security;

/// <summary>The login link of pages: <c>/login?token=…</c> sets a cookie; without a token a form asks for it.</summary>
internal static class LoginEndpoints
{
    public static void MapLogin(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/login", (HttpContext context, AccessKeys keys) =>
        {
            var back = BackOf(context.Request.Query["returnUrl"]);
            return !keys.Required ? Results.LocalRedirect(back)
                : context.Request.Query["token"].ToString() is { Length: > 0 } token ? Enter(context, keys, token, back)
                : Page(back, wrong: false);
        }).ExcludeFromDescription();
        routes.MapPost("/login", async (HttpContext context, AccessKeys keys) =>
        {
            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            return Enter(context, keys, form["token"].ToString(), BackOf(form["returnUrl"]));
        }).ExcludeFromDescription().DisableAntiforgery();
    }

    private static IResult Enter(HttpContext context, AccessKeys keys, string token, string back)
    {
        if (!keys.IsToken(token.Trim()))
        {
            return Page(back, wrong: true);
        }

        context.Response.Cookies.Append(AccessKeys.CookieName, keys.SessionCookie, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            Secure = context.Request.IsHttps,
            MaxAge = TimeSpan.FromDays(30),
        });
        return Results.LocalRedirect(back);
    }

    // Only a path of this host: "//other.example" and "/\other.example" would leave it.
    private static string BackOf(string? url) => url is ['/', not ('/' or '\\'), ..] ? url : "/";

    private static IResult Page(string back, bool wrong) => Results.Content($$"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>LogPipeline · log in</title><meta name="viewport" content="width=device-width, initial-scale=1">
        <style>
          body { font: 14px/1.5 system-ui, sans-serif; background: #0C0E13; color: #E8EBF1; display: grid; place-items: center; min-height: 100vh; margin: 0 }
          form { background: #12151B; border: 1px solid #222832; border-radius: 8px; padding: 24px; width: min(360px, 80vw) }
          h1 { font-size: 15px; margin: 0 0 12px } label { color: #B0B8C6; font-size: 12px } p { color: #8B95A5; font-size: 12px; margin: 12px 0 0 }
          input { box-sizing: border-box; width: 100%; margin: 4px 0 12px; padding: 8px; background: #0E1116; color: inherit; border: 1px solid #39414F; border-radius: 6px }
          button { background: #5263E0; color: #fff; border: 0; border-radius: 6px; padding: 8px 16px; font-weight: 600; cursor: pointer }
          .bad { color: #FF7D8E }
        </style></head><body>
        <form method="post" action="/login"><h1>LogPipeline</h1>
        <label for="token">Token</label><input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
        <input type="hidden" name="returnUrl" value="{{HtmlEncoder.Default.Encode(back)}}">
        <button>Log in</button>
        <p{{(wrong ? " class=\"bad\" role=\"alert\"" : "")}}>{{(wrong ? "That is not the token of this host." : "The host printed a login link with its token at its start; it is LogPipeline:Auth:Token.")}}</p>
        </form></body></html>
        """, "text/html; charset=utf-8", statusCode: wrong ? 401 : 200);
}
