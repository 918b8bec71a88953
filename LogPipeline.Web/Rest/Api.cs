namespace LogPipeline.Web.Rest;

/// <summary>Maps endpoints together with their description.</summary>
internal static class Api
{
    /// <summary>Maps a GET; HEAD is answered too.</summary>
    public static RouteHandlerBuilder Get(IEndpointRouteBuilder routes, string pattern, string tag, string summary, Func<HttpContext, Task> handler, params ApiParameter[] parameters) =>
        Describe(routes.MapMethods(pattern, ["GET", "HEAD"], (Delegate)handler), tag, summary, parameters);

    /// <summary>Maps a POST.</summary>
    public static RouteHandlerBuilder Post(IEndpointRouteBuilder routes, string pattern, string tag, string summary, Func<HttpContext, Task> handler, params ApiParameter[] parameters) =>
        Describe(routes.MapPost(pattern, (Delegate)handler), tag, summary, parameters).DisableAntiforgery();

    /// <summary>Says what a successful answer looks like.</summary>
    public static RouteHandlerBuilder Answers(this RouteHandlerBuilder endpoint, string example, int status = 200, string description = "Done") =>
        endpoint.WithMetadata(new ApiAnswer(status, description, example));

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder endpoint, string tag, string summary, ApiParameter[] parameters) =>
        endpoint.WithTags(tag).WithSummary(summary).WithMetadata(new ApiParameters(parameters));
}
