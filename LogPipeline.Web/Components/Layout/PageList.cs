using Microsoft.AspNetCore.Components;

namespace LogPipeline.Web.Components.Layout;

/// <summary>The pages of the rail, in its order. One that does not exist is not listed.</summary>
internal static class PageList
{
    private const string KafkaPath = "/kafka";

    private static readonly HashSet<string> Routes =
    [
        .. typeof(PageList).Assembly.GetTypes().SelectMany(type => type.GetCustomAttributes(typeof(RouteAttribute), false)).Cast<RouteAttribute>().Select(route => route.Template),
    ];

    /// <summary>Pages of this host: those with a component and what they show, and the API page, which the host serves itself.</summary>
    public static IReadOnlyList<PageLink> Of(HostFacts facts) => facts.HasKafka ? All : WithoutKafka;

    /// <summary>Every page.</summary>
    public static IReadOnlyList<PageLink> All { get; } =
    [
        .. new PageLink[]
        {
            new("/", "Dashboard", "dashboard", true),
            new("/tail", "Live tail", "tail", true),
            new("/query", "Query", "query", false),
            new("/health", "Health", "health", false),
            new("/dead-letters", "Dead letters", "dead", false),
            new(KafkaPath, "Kafka", "kafka", false),
        }.Where(page => Routes.Contains(page.Path)),
        new PageLink("/scalar", "API", "api", false, External: true),
    ];

    private static IReadOnlyList<PageLink> WithoutKafka { get; } = [.. All.Where(page => page.Path != KafkaPath)];
}

/// <summary>A page in the rail.</summary>
/// <param name="Path">Its address.</param>
/// <param name="Name">Its name.</param>
/// <param name="Icon">Its drawing.</param>
/// <param name="KeepsView">Whether time range and filter go along.</param>
/// <param name="External">Whether the host serves it without these pages.</param>
internal sealed record PageLink(string Path, string Name, string Icon, bool KeepsView, bool External = false);
