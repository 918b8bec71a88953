using Apache.Arrow;
using Apache.Arrow.Types;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Ingest.Formats;

namespace LogPipeline.Web.CommandLine;

/// <summary>Plays a log again at a steady rate, as if it happened now.</summary>
internal sealed class Replay(IServiceProvider services, string stream)
{
    private const int BatchesPerSecond = 10;
    private const int SampleBytes = 64 * 1024;

    /// <summary>Plays a file once.</summary>
    public async Task RunAsync(string path, string? wanted, double rate, bool keepTime, CancellationToken cancellation)
    {
        var time = services.GetRequiredService<TimeProvider>();
        var log = services.GetRequiredService<IEventLogs>().Find(stream)!;
        var options = new IngestOptions { BatchRows = Math.Max(1, (int)(rate / BatchesPerSecond)) };
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        await using var input = await PeekedStream.ReadAsync(file, SampleBytes, cancellation);
        var format = LineFormats.Choose(wanted, input.Sample, log.Stream.Schema, options);
        using var parser = new EventParser(log.Stream, format, options, time, Path.GetFileName(path));
        var appender = new BatchAppender(log, services.GetRequiredService<IngestEvents>(), services.GetRequiredService<IngestCounters>(), time);
        var started = time.GetTimestamp();
        long played = 0;
        await new BatchPump(parser, options).RunAsync(
            input,
            () => null,
            async batch =>
            {
                var count = batch.Count;
                var taken = await appender.AppendAsync(keepTime ? batch : AtNow(batch, time.GetUtcNow()), TimeSpan.MaxValue, cancellation);
                played += count;
                var early = TimeSpan.FromSeconds(played / rate) - time.GetElapsedTime(started);
                if (early > TimeSpan.Zero)
                {
                    await Task.Delay(early, time, cancellation);
                }

                return taken;
            },
            endIsLast: true,
            cancellation);
    }

    /// <summary>The same events with the present as their time.</summary>
    private static ParsedBatch AtNow(ParsedBatch batch, DateTimeOffset now)
    {
        var column = batch.Events.Schema.GetFieldIndex("timestamp");
        if (column < 0 || batch.Events.Length == 0)
        {
            return batch;
        }

        var times = new TimestampArray.Builder((TimestampType)batch.Events.Schema.GetFieldByIndex(column).DataType);
        for (var row = 0; row < batch.Events.Length; row++)
        {
            times.Append(now);
        }

        var columns = Enumerable.Range(0, batch.Events.ColumnCount).Select(index => index == column ? times.Build() : batch.Events.Column(index)).ToList();
        return new ParsedBatch(batch.Stream, new RecordBatch(batch.Events.Schema, columns, batch.Events.Length), batch.Rejected, batch.Origin);
    }
}
