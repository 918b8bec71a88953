using System.Globalization;
using System.Text.RegularExpressions;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Live;

namespace LogPipeline.Tests.Web.Components;

/// <summary>A live view over a plain list, for the pages' tests: simple rather than fast. Its clock and its lines are the test's.</summary>
public sealed class SampleLiveView(TimeProvider time) : ILiveView
{
    private readonly Lock gate = new();
    private readonly List<Func<Task>> subscribers = [];
    private readonly List<LogRow> rows = [];

    public int Capacity { get; init; } = 100_000;

    public bool HasResponseTimes { get; init; } = true;

    public List<AnomalyBand> Bands { get; } = [];

    public long Gaps { get; set; }

    public long End { get; private set; }

    public int Subscribers
    {
        get
        {
            lock (gate)
            {
                return subscribers.Count;
            }
        }
    }

    public LiveStatus Status
    {
        get
        {
            lock (gate)
            {
                return new(true, 0, rows.Count, Capacity, rows.Count == 0 ? 0 : rows[0].ReceivedAtMicros, 0, Gaps, 0);
            }
        }
    }

    /// <summary>Adds a line that is received now.</summary>
    public LogRow Add(string level = "INFO", string endpoint = "/api/products", int status = 200, double? ms = 25, string source = "catalog", string method = "GET", string message = "served", DateTimeOffset? at = null)
    {
        lock (gate)
        {
            var now = (at ?? time.GetUtcNow()).Ticks / 10 - (DateTimeOffset.UnixEpoch.Ticks / 10);
            var row = new LogRow(new(0, End++), now, now, level, source, endpoint, method, status, HasResponseTimes ? ms : null, message)
            {
                Fields = [new("session_id", "s-" + (End % 97).ToString(CultureInfo.InvariantCulture)), new("ip", "203.0.113.77"), new("bytes", "412")],
                Attributes = [new("region", "eu-central-1")],
            };
            rows.Add(row);
            if (rows.Count > Capacity)
            {
                rows.RemoveRange(0, rows.Count - Capacity);
            }

            return row;
        }
    }

    /// <summary>Tells the subscribers, and waits for them.</summary>
    public async Task SignalAsync()
    {
        Func<Task>[] all;
        lock (gate)
        {
            all = [.. subscribers];
        }

        foreach (var subscriber in all)
        {
            await subscriber();
        }
    }

    public IDisposable Subscribe(Func<Task> changed)
    {
        lock (gate)
        {
            subscribers.Add(changed);
        }

        return new Ending(this, changed);
    }

    public LogRow? Find(EventPosition position)
    {
        lock (gate)
        {
            return rows.Find(row => row.Position == position);
        }
    }

    public RecentPage ReadRecent(RecentQuery query)
    {
        var pass = Passes(query.Filter);
        lock (gate)
        {
            var first = rows.Count == 0 ? End : rows[0].Position.Offset;
            var from = query.After is { } after ? (int)Math.Max(0, after.Offset + 1 - first) : 0;
            var end = query.Before?.Offset ?? query.UpTo?.Offset + 1;
            var to = end is { } bound ? (int)Math.Clamp(bound - first, 0, rows.Count) : rows.Count;
            var matching = rows.Skip(from).Take(to - from).Where(pass).ToList();
            var missed = query.After is { } behind ? Math.Max(0, first - behind.Offset - 1) : 0;
            var taken = query.OldestFirst ? matching.Take(query.Limit).ToList() : matching.Skip(Math.Max(0, matching.Count - query.Limit)).ToList();
            var cut = query.OldestFirst && taken.Count < matching.Count;
            EventPosition? next = cut ? taken[^1].Position : End > 0 ? new(0, End - 1) : null;
            return new(taken, next, to - from, missed, matching.Count - taken.Count);
        }
    }

    public LiveSnapshot Read(LiveQuery query)
    {
        var pass = Passes(query.Filter);
        var now = time.GetUtcNow();
        var end = (query.To ?? now).ToUnixTimeSeconds() + (query.To is null ? 1 : 0);
        var seconds = Math.Max(1, (int)Math.Ceiling(query.Window.TotalSeconds / query.Buckets));
        end = (end + seconds - 1) / seconds * seconds;
        var begin = end - ((long)seconds * query.Buckets);
        lock (gate)
        {
            var all = rows.Where(pass).ToList();
            var inside = all.Where(row => row.TimestampMicros / 1_000_000 >= begin && row.TimestampMicros / 1_000_000 < end).ToList();
            var before = all.Where(row => row.TimestampMicros / 1_000_000 >= begin - (end - begin) && row.TimestampMicros / 1_000_000 < begin).ToList();
            var groups = inside.ToLookup(row => (row.TimestampMicros / 1_000_000 - begin) / seconds);
            var series = Enumerable.Range(0, query.Buckets).Select(i => Bucket(begin + (i * seconds), seconds, [.. groups[i]])).ToList();
            return new(now, Metrics(inside, all, now), before.Count == 0 ? null : Metrics(before, before, now), series,
                Top(inside, row => row.Endpoint, true), Top(inside, row => row.Source, false),
                [.. inside.Where(r => r.Status is not null).GroupBy(r => r.Status!.Value).Select(g => new StatusRow(g.Key, g.Count())).OrderByDescending(g => g.Requests)],
                inside.Select(r => r.Endpoint).Distinct().Count(), inside.Select(r => r.Source).Distinct().Count(),
                [.. Bands], [], rows.Count == 0 ? 0 : rows[^1].ReceivedAtMicros);
        }
    }

    private static List<TopRow> Top(List<LogRow> rows, Func<LogRow, string?> key, bool method) =>
    [
        .. rows.Where(r => key(r) is not null).GroupBy(key).Select(g => new TopRow(g.Key!, method ? g.First().Method : null, g.Count(), g.Count(IsError), Percentile([.. g], 0.95)))
            .OrderByDescending(r => r.Requests).Take(50),
    ];

    private static bool IsError(LogRow row) => row.Level == "ERROR" || row.Status >= 500;

    private static double? Percentile(List<LogRow> rows, double share)
    {
        var sorted = rows.Where(r => r.ResponseTimeMs is not null).Select(r => r.ResponseTimeMs!.Value).Order().ToList();
        return sorted.Count == 0 ? null : sorted[(int)Math.Min(sorted.Count - 1, sorted.Count * share)];
    }

    private static LiveMetrics Metrics(List<LogRow> rows, List<LogRow> all, DateTimeOffset now)
    {
        var since = (now.AddSeconds(-5) - DateTimeOffset.UnixEpoch).Ticks / 10;
        var timed = rows.Where(r => r.ResponseTimeMs is not null).ToList();
        return new(all.Count(r => r.ReceivedAtMicros > since) / 5.0, rows.Count == 0 ? 0 : rows.Count(IsError) * 100.0 / rows.Count,
            timed.Count == 0 ? null : timed.Average(r => r.ResponseTimeMs), Percentile(rows, 0.5), Percentile(rows, 0.95), Percentile(rows, 0.99),
            rows.Count == 0 ? 0 : 97, true, rows.Count * 4120L, rows.Count, rows.Count(IsError));
    }

    private static LiveBucket Bucket(long start, int seconds, List<LogRow> rows) => new(
        start, seconds, rows.Count, rows.Count(IsError),
        rows.Count(r => r.Status < 300), rows.Count(r => r.Status is >= 300 and < 400), rows.Count(r => r.Status is >= 400 and < 500), rows.Count(r => r.Status >= 500),
        rows.Count(r => r.Level == "DEBUG"), rows.Count(r => r.Level == "INFO"), rows.Count(r => r.Level == "WARN"), rows.Count(r => r.Level == "ERROR"),
        rows.Count * 412, rows.Count / 3, rows.Count == 0 ? null : rows.Average(r => r.ResponseTimeMs), Percentile(rows, 0.5), Percentile(rows, 0.95), Percentile(rows, 0.99));

    private static Func<LogRow, bool> Passes(EventFilter filter)
    {
        var regex = filter.IsRegex && filter.Text is not null ? new Regex(filter.Text, filter.MatchCase ? RegexOptions.None : RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1)) : null;
        var groups = filter.Terms.Where(t => !t.Exclude).GroupBy(t => t.Field).ToList();
        var excluded = filter.Terms.Where(t => t.Exclude).ToList();
        return row =>
        {
            foreach (var group in groups)
            {
                if (!group.Any(t => Value(row, t.Field) == t.Value))
                {
                    return false;
                }
            }

            return !excluded.Exists(t => Value(row, t.Field) == t.Value)
                && (string.IsNullOrEmpty(filter.Text)
                    || (regex?.IsMatch(row.Message ?? "") ?? (row.Message ?? "").Contains(filter.Text, filter.MatchCase ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase)));
        };
    }

    private static string? Value(LogRow row, string field) => field switch
    {
        "level" => row.Level,
        "source" => row.Source,
        "endpoint" => row.Endpoint,
        "method" => row.Method,
        "status" => row.Status?.ToString(CultureInfo.InvariantCulture),
        "status_class" => (row.Status / 100)?.ToString(CultureInfo.InvariantCulture) + "xx",
        _ => row.Fields.Concat(row.Attributes.Select(a => new KeyValuePair<string, string>("attributes." + a.Key, a.Value ?? ""))).FirstOrDefault(f => f.Key == field).Value,
    };

    private sealed class Ending(SampleLiveView view, Func<Task> changed) : IDisposable
    {
        public void Dispose()
        {
            lock (view.gate)
            {
                view.subscribers.Remove(changed);
            }
        }
    }
}
