namespace LogPipeline.Web.Rest;

/// <summary>Which paths programs call, and pages do not.</summary>
internal static class ApiPaths
{
    private static readonly string[] Roots = ["/api", "/events", "/health", "/ping", "/metrics", "/openapi"];

    /// <summary>Whether answers under a path are data; the pages' own <c>/health</c> is told apart by what the browser asks for.</summary>
    public static bool IsApi(PathString path) => Array.Exists(Roots, root => path.StartsWithSegments(root, StringComparison.OrdinalIgnoreCase));
}
