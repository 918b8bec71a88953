using LogPipeline.Core.Live;

namespace LogPipeline.Web.Components.Dashboard;

/// <summary>Events by level, for the chips that hide and show them: a hidden level is counted too.</summary>
internal static class LevelCounts
{
    public static IReadOnlyDictionary<string, long> Read(ILiveView live, LiveQuery query, LiveSnapshot known)
    {
        var others = query.Filter.Terms.Where(term => term.Field != "level").ToList();
        var snapshot = others.Count == query.Filter.Terms.Count ? known : live.Read(query with { Filter = query.Filter with { Terms = others }, Buckets = 1 });
        return new Dictionary<string, long>(StringComparer.Ordinal)
        {
            ["ERROR"] = snapshot.Series.Sum(b => b.Error),
            ["WARN"] = snapshot.Series.Sum(b => b.Warn),
            ["INFO"] = snapshot.Series.Sum(b => b.Info),
            ["DEBUG"] = snapshot.Series.Sum(b => b.Debug),
        };
    }
}
