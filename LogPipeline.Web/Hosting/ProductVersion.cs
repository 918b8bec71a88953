using System.Reflection;

namespace LogPipeline.Web.Hosting;

/// <summary>The version of this build, as shown by <c>--version</c>, <c>/health</c> and the footer.</summary>
public static class ProductVersion
{
    /// <summary>Such as <c>0.1.0</c>.</summary>
    public static string Text { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
}
