namespace LogPipeline.Core.Live.Rolling;

/// <summary>Which groups a filter takes. Terms on level, source and endpoint count; the rest is named in <see cref="Ignored"/>.</summary>
internal sealed class MetricFilter
{
    private readonly FieldTerms? level;
    private readonly FieldTerms? source;
    private readonly FieldTerms? endpoint;
    private byte[] pass = [];
    private int known;

    public MetricFilter(EventFilter filter)
    {
        level = FieldTerms.Of(filter, "level", StringComparer.OrdinalIgnoreCase);
        source = FieldTerms.Of(filter, "source", StringComparer.Ordinal);
        endpoint = FieldTerms.Of(filter, "endpoint", StringComparer.Ordinal);
        Ignored =
        [
            .. filter.Terms.Select(term => term.Field).Where(field => field is not ("level" or "source" or "endpoint")).Distinct(),
            .. string.IsNullOrEmpty(filter.Text) ? System.Array.Empty<string>() : ["text"],
        ];
    }

    public IReadOnlyList<string> Ignored { get; }

    public bool PassesEndpoint(string? value) => endpoint?.Passes(value) ?? true;

    /// <summary>One byte a group, not 0 when it passes; null when all pass. Valid until the catalog grows.</summary>
    public byte[]? Pass(Catalog catalog)
    {
        if (level is null && source is null && endpoint is null)
        {
            return null;
        }

        var groups = catalog.Groups;
        if (pass.Length < groups.Length)
        {
            System.Array.Resize(ref pass, Math.Max(groups.Length, pass.Length * 2));
        }

        for (; known < groups.Length; known++)
        {
            var group = groups[known];
            var passes = (level?.Passes(catalog.Levels[group.Level]) ?? true)
                && (source?.Passes(catalog.Sources[group.Source]) ?? true)
                && (endpoint?.Passes(catalog.Endpoints[group.Endpoint]) ?? true);
            pass[known] = passes ? (byte)1 : (byte)0;
        }

        return pass;
    }

    /// <summary>The terms of one field: one of the values wanted if there are any, and none of those left out. No value is written as the empty one.</summary>
    private sealed record FieldTerms(HashSet<string> Wanted, HashSet<string> LeftOut)
    {
        public static FieldTerms? Of(EventFilter filter, string field, StringComparer comparer)
        {
            var terms = filter.Terms.Where(term => term.Field == field).ToList();
            return terms.Count == 0 ? null : new FieldTerms(
                terms.Where(term => !term.Exclude).Select(term => term.Value).ToHashSet(comparer),
                terms.Where(term => term.Exclude).Select(term => term.Value).ToHashSet(comparer));
        }

        public bool Passes(string? value) => (Wanted.Count == 0 || Wanted.Contains(value ?? "")) && !LeftOut.Contains(value ?? "");
    }
}
