using LogPipeline.Core.Percentiles;

namespace LogPipeline.Core.Live.Rolling;

/// <summary>Makes room in a full catalog: the busier half of the endpoints and sources stays, the rest is counted under (other). No count is lost.</summary>
internal static class Compaction
{
    public static (Catalog Catalog, uint[] MethodCounts) Run(MetricsCube cube, uint[] methodCounts, LiveOptions options)
    {
        var old = cube.Catalog;
        var kept = new Catalog(options.MaxSources, options.MaxEndpoints);
        foreach (var (from, to) in new[] { (old.Levels, kept.Levels), (old.Methods, kept.Methods) })
        {
            for (var id = 2; id < from.Count; id++)
            {
                to.IdOf(from.BytesOf(id));
            }
        }

        var (sourceCounts, endpointCounts) = Usage(cube);
        var sources = Keep(old.Sources, kept.Sources, sourceCounts, options.MaxSources / 2);
        var endpoints = Keep(old.Endpoints, kept.Endpoints, endpointCounts, options.MaxEndpoints / 2);

        var groups = new int[old.Groups.Length];
        for (var i = 0; i < groups.Length; i++)
        {
            var group = old.Groups[i];
            groups[i] = kept.GroupOf(group.Level, sources[group.Source], endpoints[group.Endpoint]);
        }

        var combos = new uint[old.Combos.Length];
        for (var i = 0; i < combos.Length; i++)
        {
            combos[i] = (uint)kept.ComboOf(groups[old.Combos[i].Group], old.Combos[i].Status);
        }

        cube.Blocks.Rewrite((from, to) => Renumber(from, to, groups, combos));
        cube.Arrivals.Renumber(combos);
        cube.Active.Renumber(groups);
        return (kept, Methods(methodCounts, endpoints));
    }

    private static (long[] Sources, long[] Endpoints) Usage(MetricsCube cube)
    {
        var sources = new long[cube.Catalog.Sources.Count];
        var endpoints = new long[cube.Catalog.Endpoints.Count];
        foreach (var slice in cube.Blocks.All.SelectMany(block => block.Whole is { } whole ? [whole] : block.Seconds!.OfType<Slice>()))
        {
            for (var i = 0; i < slice.Cells.Combos.Length; i++)
            {
                var group = cube.Catalog.Groups[cube.Catalog.Combos[(int)slice.Cells.Combos[i]].Group];
                sources[group.Source] += slice.Cells.Cells[i].Requests;
                endpoints[group.Endpoint] += slice.Cells.Cells[i].Requests;
            }
        }

        return (sources, endpoints);
    }

    private static int[] Keep(ValueDictionary from, ValueDictionary to, long[] counts, int limit)
    {
        var ids = new int[from.Count];
        System.Array.Fill(ids, ValueDictionary.Other);
        ids[ValueDictionary.None] = ValueDictionary.None;
        foreach (var id in Enumerable.Range(2, from.Count - 2).Where(id => counts[id] > 0).OrderByDescending(id => counts[id]).Take(limit))
        {
            ids[id] = to.IdOf(from.BytesOf(id));
        }

        return ids;
    }

    private static void Renumber(Slice from, Slice to, int[] groups, uint[] combos)
    {
        for (var i = 0; i < from.Cells.Combos.Length; i++)
        {
            to.Cells[combos[(int)from.Cells.Combos[i]]].Add(from.Cells.Cells[i]);
        }

        for (var i = 0; i < from.Times.Keys.Length; i++)
        {
            var key = from.Times.Keys[i];
            var bin = key & ((1 << ResponseBins.Bits) - 1);
            to.Times.Add(((uint)groups[(int)(key >> ResponseBins.Bits)] << ResponseBins.Bits) | bin, from.Times.Counts[i]);
        }

        to.Sessions.Renumber(from.Sessions, groups);
        to.Trim();
    }

    private static uint[] Methods(uint[] counts, int[] endpoints)
    {
        var width = Catalog.MaxMethods + 2;
        var kept = new uint[counts.Length];
        for (var i = 0; i < Math.Min(counts.Length, endpoints.Length * width); i++)
        {
            kept[(endpoints[i / width] * width) + (i % width)] += counts[i];
        }

        return kept;
    }
}
