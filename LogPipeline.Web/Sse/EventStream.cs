using LogPipeline.Core.EventLog;
using LogPipeline.Core.Live;
using LogPipeline.Core.Live.Filters;
using LogPipeline.Core.Live.Recent;
using LogPipeline.Core.Streams;
using LogPipeline.Web.Rest;

namespace LogPipeline.Web.Sse;

/// <summary>One client of <c>GET /events</c>: metrics once a second, and every event behind its position, in order.</summary>
/// <remarks>
/// Nothing is queued for a client: it reads at its own pace, from the live view's memory while its position is there, and from
/// the event log while it is not. So a slow client costs one buffer; one that does not take that buffer in time is ended.
/// Invariant: <c>seen</c> is the last position that was sent or that the filter left out; the next read starts behind it.
/// </remarks>
internal sealed class EventStream(StreamDefinition stream, IEventLog log, ILiveView live, EventFilter filter, EventStreamWriter writer, TimeProvider time)
{
    private const int PageRows = 500;
    private static readonly TimeSpan MetricsEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(10);

    private readonly LogRowJson rows = new(stream.Schema);
    private readonly RowReader reader = new(stream.Schema, new ColumnPlaces(stream.Schema));
    private readonly CompiledFilter compiled = new(filter, stream.Schema, new ColumnPlaces(stream.Schema));
    private readonly EventFilter metricsFilter = new([.. filter.Terms.Where(term => term.Field is "level" or "source" or "endpoint")]);
    private bool readLog;

    /// <summary>Sends until the client goes.</summary>
    /// <param name="from">Position that the client has seen; null for the present.</param>
    /// <param name="cancellationToken">Ends when the client goes or the host stops.</param>
    public async Task RunAsync(IReadOnlyList<EventPosition>? from, CancellationToken cancellationToken)
    {
        var changed = new SemaphoreSlim(0, 1);
        using var subscription = live.Subscribe(() =>
        {
            if (changed.CurrentCount == 0)
            {
                try
                {
                    _ = changed.Release();
                }
                catch (SemaphoreFullException)
                {
                    // Another signal was faster; one is enough.
                }
            }

            return Task.CompletedTask;
        });
        var seen = log.Bounds.ToDictionary(bounds => bounds.Partition, bounds => (from is null ? bounds.End : bounds.Begin) - 1);
        foreach (var (partition, offset) in from ?? [])
        {
            seen[partition] = offset;
        }

        writer.AddRetry(TimeSpan.FromSeconds(1));
        var lastMetrics = time.GetTimestamp();
        writer.Add("metrics", null, json => LiveEndpoints.WriteDefaultMetrics(json, live, metricsFilter));
        await writer.FlushAsync(cancellationToken);
        while (true)
        {
            while (await SendNextAsync(seen, cancellationToken))
            {
                await MetricsAsync();
            }

            await MetricsAsync();
            if (time.GetElapsedTime(writer.LastSent) >= HeartbeatEvery)
            {
                writer.AddComment("alive");
            }

            await writer.FlushAsync(cancellationToken);
            var wait = MetricsEvery - time.GetElapsedTime(lastMetrics);
            _ = await changed.WaitAsync(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, cancellationToken);
        }

        async Task MetricsAsync()
        {
            if (time.GetElapsedTime(lastMetrics) >= MetricsEvery)
            {
                lastMetrics = time.GetTimestamp();
                writer.Add("metrics", null, json => LiveEndpoints.WriteDefaultMetrics(json, live, metricsFilter));
            }

            if (writer.IsFull)
            {
                await writer.FlushAsync(cancellationToken);
            }
        }
    }

    /// <summary>Sends the next piece.</summary>
    /// <returns>Whether there may be more.</returns>
    /// <remarks>
    /// The first piece is always read from the log: whether the memory reaches back to a position that came from outside cannot be
    /// told. From the log's end on, the memory says itself when it lost something.
    /// </remarks>
    private async Task<bool> SendNextAsync(Dictionary<int, long> seen, CancellationToken cancellationToken)
    {
        if (readLog)
        {
            var page = live.ReadRecent(new RecentQuery(filter, PageRows) { Behind = [.. seen.Select(one => new EventPosition(one.Key, one.Value))] });
            if (page.Missed == 0)
            {
                foreach (var row in page.Rows)
                {
                    Send(row, seen);
                }

                foreach (var (partition, offset) in page.Place)
                {
                    seen[partition] = Math.Max(seen.GetValueOrDefault(partition, -1), offset);
                }

                return page.Rows.Count == PageRows;
            }
        }

        readLog = true;
        return await SendFromLogAsync(seen, cancellationToken);
    }

    /// <summary>Sends what the event log has behind the position up to its present end.</summary>
    private async Task<bool> SendFromLogAsync(Dictionary<int, long> seen, CancellationToken cancellationToken)
    {
        var sent = false;
        var from = seen.Select(one => new EventPosition(one.Key, one.Value + 1)).ToList();
        await foreach (var read in log.ReadAsync(from, follow: false, cancellationToken))
        {
            switch (read)
            {
                case LogRead.Gap(var range):
                    writer.Add("gap", null, json =>
                    {
                        json.WriteStartObject();
                        json.WriteNumber("partition", range.Partition);
                        json.WriteNumber("from", range.First);
                        json.WriteNumber("to", range.Last);
                        json.WriteEndObject();
                    });
                    seen[range.Partition] = Math.Max(seen.GetValueOrDefault(range.Partition, -1), range.Last);
                    sent = true;
                    break;
                case LogRead.Batch(var batch):
                    using (batch)
                    {
                        for (var taken = 0; taken < batch.Events.Length;)
                        {
                            var chunk = new RingChunk(stream.Schema, 0);
                            taken += chunk.Append(batch, taken);
                            for (var row = 0; row < chunk.Count; row++)
                            {
                                if (compiled.Passes(chunk, row))
                                {
                                    Send(reader.Read(chunk, row), seen);
                                }

                                if (writer.IsFull)
                                {
                                    await writer.FlushAsync(cancellationToken);
                                }
                            }
                        }

                        sent |= batch.Range.Last > seen.GetValueOrDefault(batch.Range.Partition, -1);
                        seen[batch.Range.Partition] = Math.Max(seen.GetValueOrDefault(batch.Range.Partition, -1), batch.Range.Last);
                    }

                    break;
                default:
                    break;
            }
        }

        return sent;
    }

    private void Send(LogRow row, Dictionary<int, long> seen)
    {
        seen[row.Position.Partition] = row.Position.Offset;
        writer.Add("log", PositionVector.Write(seen.Select(one => new EventPosition(one.Key, one.Value))), json => rows.Write(json, row));
    }
}
