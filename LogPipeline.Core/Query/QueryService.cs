using System.Globalization;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Query;

/// <summary>How queries are doing.</summary>
/// <param name="Engine">Which engine answers unless another is asked for.</param>
/// <param name="Running">Queries that run now.</param>
/// <param name="Waiting">Queries that wait for their turn.</param>
/// <param name="Answered">Queries that gave rows since the start.</param>
/// <param name="Failed">Queries that were refused or failed since the start.</param>
/// <param name="P95">Time within which 95 of 100 of the last queries gave their rows; null before the first.</param>
public sealed record QueryState(string Engine, int Running, int Waiting, long Answered, long Failed, TimeSpan? P95)
{
    /// <summary>Engines that can be asked, the usual one first.</summary>
    public IReadOnlyList<string> Engines { get; init; } = [Engine];
}

/// <summary>The door to the query engines: bounds how many statements run at once, remembers what was asked, and measures.</summary>
public sealed class QueryService : IDisposable
{
    private const int RecentQueries = 256;

    private readonly IReadOnlyList<IQueryEngine> engines;
    private readonly QueryOptions options;
    private readonly QueryEvents events;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim turns;
    private readonly Lock gate = new();
    private readonly Queue<TimeSpan> recent = new();
    private int running;
    private int waiting;
    private long answered;
    private long failed;

    /// <param name="engines">The usual one first.</param>
    /// <param name="history">Takes what was asked.</param>
    /// <param name="options">The limits.</param>
    /// <param name="events">Lines and counters.</param>
    /// <param name="time">The clock.</param>
    internal QueryService(IReadOnlyList<IQueryEngine> engines, QueryHistory history, IOptions<QueryOptions> options, QueryEvents events, TimeProvider time)
    {
        this.engines = engines;
        this.options = options.Value;
        this.events = events;
        this.time = time;
        History = history;
        turns = new SemaphoreSlim(this.options.Concurrency);
    }

    /// <summary>What was asked before.</summary>
    public QueryHistory History { get; }

    /// <summary>How queries are doing now.</summary>
    public QueryState State
    {
        get
        {
            lock (gate)
            {
                var sorted = recent.Order().ToArray();
                TimeSpan? p95 = sorted.Length == 0 ? null : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * 0.95))];
                return new(engines[0].Name, running, waiting, answered, failed, p95) { Engines = [.. engines.Select(engine => engine.Name)] };
            }
        }
    }

    /// <summary>Runs one read-only statement when its turn comes, with at most the configured time and rows unless it asks for others.</summary>
    /// <param name="sql">Spark SQL, one statement.</param>
    /// <param name="maxRows">Rows returned at most; null for the configured number.</param>
    /// <param name="timeout">Time allowed; null for the configured one.</param>
    /// <param name="engine">One of <see cref="QueryState.Engines"/>; null for the usual one.</param>
    /// <param name="progress">Is told how far the statement is, from any thread, by an engine that knows.</param>
    /// <param name="rows">Takes the rows as they come, instead of the result.</param>
    /// <param name="cancellationToken">Stops the statement.</param>
    /// <exception cref="QueryException">The statement is wrong, refused, too slow, or failed; or too many queries wait.</exception>
    /// <exception cref="ArgumentException">There is no such engine.</exception>
    public async Task<QueryResult> ExecuteAsync(string sql, int? maxRows = null, TimeSpan? timeout = null, string? engine = null, IProgress<QueryProgress>? progress = null, IRowSink? rows = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sql);
        var asked = engine is null ? engines[0]
            : engines.FirstOrDefault(one => one.Name == engine) ?? throw new ArgumentException($"There is no engine '{engine}'", nameof(engine));
        await TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        var at = time.GetUtcNow();
        var started = time.GetTimestamp();
        try
        {
            var result = await asked.ExecuteAsync(new QueryRequest(sql, maxRows ?? options.MaxRows, timeout) { Progress = progress, Rows = rows }, cancellationToken).ConfigureAwait(false);
            Note(result.Elapsed);
            events.Answered(asked.Name, result.RowCount, result.Truncated, result.Elapsed);
            await RememberAsync(asked, sql, at, result.Elapsed, result, null, 0).ConfigureAwait(false);
            return result;
        }
        catch (OperationCanceledException)
        {
            var elapsed = time.GetElapsedTime(started);
            events.Cancelled(asked.Name, elapsed);
            await RememberAsync(asked, sql, at, elapsed, null, "CANCELLED", 0).ConfigureAwait(false);
            throw;
        }
        catch (QueryException failure)
        {
            var elapsed = time.GetElapsedTime(started);
            Interlocked.Increment(ref failed);
            events.Failed(asked.Name, failure.ErrorClass, elapsed);
            await RememberAsync(asked, sql, at, elapsed, null, failure.ErrorClass ?? "ERROR", failure.Line).ConfigureAwait(false);
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref running);
            turns.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turns.Dispose();

    private async Task TakeTurnAsync(CancellationToken cancellationToken)
    {
        if (!turns.Wait(0, CancellationToken.None))
        {
            if (Interlocked.Increment(ref waiting) > options.Queue)
            {
                var others = Interlocked.Decrement(ref waiting);
                events.Refused(Volatile.Read(ref running), others);
                throw new QueryException("TOO_MANY_QUERIES", "53300", string.Create(
                    CultureInfo.InvariantCulture,
                    $"{options.Concurrency} queries run and {others} wait. Try again soon, or raise LogPipeline:Query:Concurrency or Queue."));
            }

            try
            {
                await turns.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                Interlocked.Decrement(ref waiting);
            }
        }

        Interlocked.Increment(ref running);
    }

    private void Note(TimeSpan elapsed)
    {
        lock (gate)
        {
            answered++;
            recent.Enqueue(elapsed);
            if (recent.Count > RecentQueries)
            {
                recent.Dequeue();
            }
        }
    }

    private Task RememberAsync(IQueryEngine engine, string sql, DateTimeOffset at, TimeSpan elapsed, QueryResult? result, string? errorClass, int line) =>
        History.AddAsync(new QueryHistoryEntry(
            sql,
            at,
            engine.Name,
            Math.Round(elapsed.TotalMilliseconds, 1),
            result?.RowCount ?? 0,
            result?.Truncated ?? false,
            result is { Versions: [var first, ..] } ? first.Version : null,
            errorClass,
            line));
}
