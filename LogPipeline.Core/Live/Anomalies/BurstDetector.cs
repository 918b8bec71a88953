using System.Globalization;
using LogPipeline.Core.Live.Rolling;

namespace LogPipeline.Core.Live.Anomalies;

/// <summary>Finds endpoints that suddenly fail or take long: their last 30 s against the ten minutes before.</summary>
/// <remarks>
/// A burst of errors begins with 5 errors in 20 requests, at least 10 % and three times the share before (50 % where less than 50 requests were
/// seen before), and ends below half of that. Slowness begins with 20 timed requests whose mean is 2.5 times the mean before and 200 ms above it,
/// and ends below 1.5 times. Both end when they have become usual. Not safe for threads: its owner locks.
/// </remarks>
internal sealed class BurstDetector(MetricsCube cube)
{
    public const string ErrorBurst = "error-burst";
    public const string Slow = "slow";
    private const int RecentSeconds = 30;
    private const int BaselineSeconds = 600;
    private const int MaxBands = 200;
    private const int MinRequests = 20;
    private const int MinErrors = 5;
    private const int MinBaseline = 50;
    private readonly Dictionary<(string Kind, string Endpoint), Band> active = [];
    private readonly LinkedList<Band> bands = [];
    private readonly List<Slice> slices = [];
    private EndpointSums[] recent = [];
    private EndpointSums[] before = [];

    public long EvaluatedAt { get; private set; } = long.MinValue;

    /// <summary>Looks at the endpoints as of a second; seconds must not go back.</summary>
    public void Evaluate(long second)
    {
        if (second <= EvaluatedAt)
        {
            return;
        }

        EvaluatedAt = second;
        Sum(second - RecentSeconds + 1, second, ref recent);
        Sum(second - RecentSeconds - BaselineSeconds + 1, second - RecentSeconds, ref before);
        for (var id = 2; id < cube.Catalog.Endpoints.Count; id++)
        {
            if (recent[id].Requests > 0 || active.Count > 0)
            {
                var endpoint = cube.Catalog.Endpoints[id]!;
                CheckErrors(endpoint, recent[id], before[id], second);
                CheckTimes(endpoint, recent[id], before[id], second);
            }
        }

        // What was left out of the catalog cannot be watched any more.
        foreach (var key in active.Keys.Where(key => active[key].SeenAt != second).ToList())
        {
            active.Remove(key);
        }
    }

    /// <summary>Bands that touch a window, newest first.</summary>
    public IReadOnlyList<AnomalyBand> Between(long first, long last, Func<string?, bool> takes) =>
        [.. bands.Where(band => band.End >= first && band.Start <= last && takes(band.Endpoint)).Select(band => band.ToRecord())];

    /// <summary>Bursts as anomalies, newest first.</summary>
    public IEnumerable<LiveAnomaly> Anomalies() => bands.Select(band => new LiveAnomaly(
        DateTimeOffset.FromUnixTimeSeconds(band.Start), band.Kind, band.Endpoint, null, null, band.Peak, band.Expected, band.Explanation, null));

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private void CheckErrors(string endpoint, in EndpointSums now, in EndpointSums earlier, long second)
    {
        var rate = now.Requests == 0 ? 0 : 100.0 * now.Errors / now.Requests;
        var expected = earlier.Requests == 0 ? 0 : 100.0 * earlier.Errors / earlier.Requests;
        if (active.TryGetValue((ErrorBurst, endpoint), out var band))
        {
            Continue(band, rate, second, ends: now.Errors < 3 || rate < band.Threshold / 2 || (IsUsual(band, second) && rate < Math.Max(10, 3 * expected)));
            return;
        }

        var threshold = earlier.Requests < MinBaseline ? 50 : Math.Max(10, 3 * expected);
        if (now.Requests >= MinRequests && now.Errors >= MinErrors && rate >= threshold)
        {
            Begin(ErrorBurst, endpoint, rate, expected, threshold, second);
        }
    }

    private void CheckTimes(string endpoint, in EndpointSums now, in EndpointSums earlier, long second)
    {
        var mean = now.Timed == 0 ? 0 : now.ResponseMs / now.Timed;
        var expected = earlier.Timed == 0 ? 0 : earlier.ResponseMs / earlier.Timed;
        if (active.TryGetValue((Slow, endpoint), out var band))
        {
            Continue(band, mean, second, ends: mean < 1.5 * band.Expected || (IsUsual(band, second) && mean < 2.5 * expected));
            return;
        }

        if (now.Timed < MinRequests || earlier.Timed < MinBaseline)
        {
            return;
        }

        var threshold = Math.Max(2.5 * expected, expected + 200);
        if (mean >= threshold)
        {
            Begin(Slow, endpoint, mean, expected, threshold, second);
        }
    }

    /// <summary>What lasts longer than the time it is compared with is measured against itself: it has become usual.</summary>
    private static bool IsUsual(Band band, long second) => second - band.Start > BaselineSeconds + RecentSeconds;

    private void Begin(string kind, string endpoint, double value, double expected, double threshold, long second)
    {
        var band = new Band(kind, endpoint, second, expected, threshold) { Peak = value, End = second, SeenAt = second };
        active.Add((kind, endpoint), band);
        bands.AddFirst(band);
        if (bands.Count > MaxBands)
        {
            bands.RemoveLast();
        }
    }

    private void Continue(Band band, double value, long second, bool ends)
    {
        band.SeenAt = second;
        if (ends)
        {
            active.Remove((band.Kind, band.Endpoint));
            return;
        }

        band.End = second;
        band.Peak = Math.Max(band.Peak, value);
    }

    private void Sum(long from, long to, ref EndpointSums[] sums)
    {
        var count = cube.Catalog.Endpoints.Count;
        if (sums.Length < count)
        {
            sums = new EndpointSums[count * 2];
        }
        else
        {
            System.Array.Clear(sums);
        }

        slices.Clear();
        cube.Blocks.Slices(from, to, slices);
        var combos = cube.Catalog.Combos;
        var groups = cube.Catalog.Groups;
        foreach (var slice in slices)
        {
            var keys = slice.Cells.Combos;
            var cells = slice.Cells.Cells;
            for (var i = 0; i < keys.Length; i++)
            {
                ref readonly var combo = ref combos[(int)keys[i]];
                ref var sum = ref sums[groups[combo.Group].Endpoint];
                sum.Requests += cells[i].Requests;
                sum.Errors += combo.IsError ? cells[i].Requests : 0;
                sum.Timed += cells[i].Timed;
                sum.ResponseMs += cells[i].ResponseMs;
            }
        }
    }

    private struct EndpointSums
    {
        public long Requests;
        public long Errors;
        public long Timed;
        public double ResponseMs;
    }

    private sealed class Band(string kind, string endpoint, long start, double expected, double threshold)
    {
        public string Kind => kind;

        public string Endpoint => endpoint;

        public long Start => start;

        public double Expected => expected;

        public double Threshold => threshold;

        public long End { get; set; }

        public long SeenAt { get; set; }

        public double Peak { get; set; }

        public string Explanation => kind == ErrorBurst
            ? Format($"{endpoint}: up to {Peak:0.#} % of the requests of 30 s failed; {expected:0.#} % did in the ten minutes before")
            : Format($"{endpoint}: up to {Peak:0} ms on average over 30 s; {expected:0} ms in the ten minutes before");

        public AnomalyBand ToRecord() => new(kind, endpoint, start, End, Explanation);
    }
}
