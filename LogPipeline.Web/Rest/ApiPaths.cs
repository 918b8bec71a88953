namespace LogPipeline.Web.Rest;

/// <summary>Which paths programs call, and pages do not.</summary>
internal static class ApiPaths
{
    private static readonly string[] Roots = ["/api", "/events", "/ping", "/metrics", "/openapi"];

    /// <summary>Whether answers under a path are data. <c>/health</c> itself is a page: programs that ask for it are sent on before.</summary>
    public static bool IsApi(PathString path) =>
        Array.Exists(Roots, root => path.StartsWithSegments(root, StringComparison.OrdinalIgnoreCase))
        || (path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase, out var rest) && rest.HasValue && rest != "/");
}
