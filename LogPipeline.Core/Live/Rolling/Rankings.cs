using LogPipeline.Core.Percentiles;

namespace LogPipeline.Core.Live.Rolling;

/// <summary>Endpoints, sources and status codes of a window by requests.</summary>
internal sealed class Rankings
{
    private const int Rows = 50;
    private const int StatusCodes = 1_024;
    private long[] endpoints = [];
    private long[] endpointErrors = [];
    private long[] sources = [];
    private long[] sourceErrors = [];
    private readonly List<Slice> slices = [];
    private readonly long[] endpointBins = new long[(Rows + 1) * ResponseBins.Count];
    private readonly long[] sourceBins = new long[(Rows + 1) * ResponseBins.Count];
    private readonly long[] statuses = new long[StatusCodes];

    public sealed record Result(IReadOnlyList<TopRow> Endpoints, IReadOnlyList<TopRow> Sources, IReadOnlyList<StatusRow> Statuses, int EndpointCount, int SourceCount);

    public Result Read(MetricsCube cube, byte[]? pass, long from, long to)
    {
        var catalog = cube.Catalog;
        Reset(ref endpoints, catalog.Endpoints.Count);
        Reset(ref endpointErrors, catalog.Endpoints.Count);
        Reset(ref sources, catalog.Sources.Count);
        Reset(ref sourceErrors, catalog.Sources.Count);
        System.Array.Clear(statuses);
        slices.Clear();
        cube.Blocks.Slices(from, to, slices);
        foreach (var slice in slices)
        {
            Count(slice.Cells, catalog, pass);
        }

        var topEndpoints = Top(endpoints, catalog.Endpoints.Count);
        var topSources = Top(sources, catalog.Sources.Count);
        var (endpointP95, sourceP95) = Percentiles(catalog, pass, topEndpoints, topSources);
        var others = endpoints[ValueDictionary.Other] > 0 ? Math.Max(1, (long)cube.OtherEndpoints.Keys.Length << cube.OtherEndpoints.Level) : 0;
        return new Result(
            [.. topEndpoints.Select((id, i) => new TopRow(catalog.Endpoints[id]!, cube.MethodOf(id), endpoints[id], endpointErrors[id], endpointP95[i]))],
            [.. topSources.Select((id, i) => new TopRow(catalog.Sources[id]!, null, sources[id], sourceErrors[id], sourceP95[i]))],
            Statuses(),
            (int)Math.Min(int.MaxValue, Distinct(endpoints, catalog.Endpoints.Count) + others),
            (int)(Distinct(sources, catalog.Sources.Count) + (sources[ValueDictionary.Other] > 0 ? 1 : 0)));
    }

    private static void Reset(ref long[] counts, int length)
    {
        if (counts.Length < length)
        {
            counts = new long[length * 2];
        }
        else
        {
            System.Array.Clear(counts);
        }
    }

    private void Count(CellTable table, Catalog catalog, byte[]? pass)
    {
        var keys = table.Combos;
        var cells = table.Cells;
        var combos = catalog.Combos;
        var groups = catalog.Groups;
        for (var i = 0; i < keys.Length; i++)
        {
            ref readonly var combo = ref combos[(int)keys[i]];
            if (pass is not null && pass[combo.Group] == 0)
            {
                continue;
            }

            ref readonly var group = ref groups[combo.Group];
            var requests = (long)cells[i].Requests;
            var errors = combo.IsError ? requests : 0;
            endpoints[group.Endpoint] += requests;
            endpointErrors[group.Endpoint] += errors;
            sources[group.Source] += requests;
            sourceErrors[group.Source] += errors;
            statuses[combo.Status] += requests;
        }
    }

    /// <summary>The busiest values; what stands for many comes last.</summary>
    private static int[] Top(long[] counts, int count)
    {
        var top = new PriorityQueue<int, (long Requests, int Id)>();
        for (var id = 2; id < count; id++)
        {
            if (counts[id] == 0)
            {
                continue;
            }

            top.Enqueue(id, (counts[id], -id));
            if (top.Count > Rows)
            {
                top.Dequeue();
            }
        }

        var ids = new List<int>(top.Count + 1);
        while (top.TryDequeue(out var id, out _))
        {
            ids.Add(id);
        }

        ids.Reverse();
        if (counts[ValueDictionary.Other] > 0)
        {
            ids = [.. ids.Take(Rows - 1), ValueDictionary.Other];
        }

        return [.. ids];
    }

    private static int Distinct(long[] counts, int count) => count - 2 - counts.AsSpan(2, count - 2).Count(0L);

    private StatusRow[] Statuses() =>
        [.. Enumerable.Range(1, StatusCodes - 1).Where(status => statuses[status] > 0)
            .OrderByDescending(status => statuses[status]).Select(status => new StatusRow(status, statuses[status]))];

    private (double?[] Endpoints, double?[] Sources) Percentiles(Catalog catalog, byte[]? pass, int[] topEndpoints, int[] topSources)
    {
        var endpointPlace = Places(topEndpoints, catalog.Endpoints.Count);
        var sourcePlace = Places(topSources, catalog.Sources.Count);
        System.Array.Clear(endpointBins, 0, (topEndpoints.Length + 1) * ResponseBins.Count);
        System.Array.Clear(sourceBins, 0, (topSources.Length + 1) * ResponseBins.Count);
        // Where a group's counts go; the place behind the last one takes what nobody asks for.
        var groups = catalog.Groups;
        var toEndpoint = new int[groups.Length];
        var toSource = new int[groups.Length];
        for (var i = 0; i < groups.Length; i++)
        {
            var takes = pass is null || pass[i] != 0;
            toEndpoint[i] = (takes ? endpointPlace[groups[i].Endpoint] : topEndpoints.Length) * ResponseBins.Count;
            toSource[i] = (takes ? sourcePlace[groups[i].Source] : topSources.Length) * ResponseBins.Count;
        }

        foreach (var slice in slices)
        {
            var keys = slice.Times.Keys;
            var counts = slice.Times.Counts;
            for (var i = 0; i < keys.Length; i++)
            {
                var group = (int)(keys[i] >> ResponseBins.Bits);
                var bin = (int)(keys[i] & ((1 << ResponseBins.Bits) - 1));
                endpointBins[toEndpoint[group] + bin] += counts[i];
                sourceBins[toSource[group] + bin] += counts[i];
            }
        }

        return (P95(endpointBins, topEndpoints.Length), P95(sourceBins, topSources.Length));
    }

    private static int[] Places(int[] top, int count)
    {
        var places = new int[count];
        System.Array.Fill(places, top.Length);
        for (var i = 0; i < top.Length; i++)
        {
            places[top[i]] = i;
        }

        return places;
    }

    private static double?[] P95(long[] bins, int count)
    {
        var values = new double?[count];
        for (var i = 0; i < count; i++)
        {
            var own = bins.AsSpan(i * ResponseBins.Count, ResponseBins.Count);
            var total = 0L;
            foreach (var value in own)
            {
                total += value;
            }

            values[i] = ResponseBins.Quantile(own, total, 0.95);
        }

        return values;
    }
}
