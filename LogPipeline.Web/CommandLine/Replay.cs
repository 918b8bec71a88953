using Apache.Arrow;
using Apache.Arrow.Types;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Ingest.Formats;

namespace LogPipeline.Web.CommandLine;

/// <summary>Plays a file at a rate, each event as if it happened now.</summary>
internal sealed class Replay(IServiceProvider services, string path, string? format, double rate, bool keepTime)
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    /// <summary>Plays the file once.</summary>
    /// <exception cref="IngestException">The format is unknown.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var log = services.GetRequiredService<IEventLogs>().All[0];
        var options = services.GetRequiredService<IngestOptions>();
        var time = services.GetRequiredService<TimeProvider>();
        using var lines = new StreamReader(path, System.Text.Encoding.UTF8, detectEncodingFromByteOrderMarks: true, new FileStreamOptions { Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 1 << 16 });
        using var timer = new PeriodicTimer(Step, time);
        var (begin, played) = (time.GetTimestamp(), 0L);
        ILineFormat? reader = null;
        EventParser? parser = null;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                var due = (long)(time.GetElapsedTime(begin).TotalSeconds * rate) - played;
                var piece = new MemoryStream();
                var ended = false;
                for (; due > 0 && !ended; due--, played++)
                {
                    ended = await lines.ReadLineAsync(cancellation) is not { } line || !Append(piece, line);
                }

                if (piece.Length > 0)
                {
                    var bytes = piece.ToArray();
                    reader ??= LineFormats.Choose(format, bytes, log.Stream.Schema, options);
                    parser ??= new EventParser(log.Stream, reader, options, time, Path.GetFileName(path));
                    for (var at = 0; at < bytes.Length;)
                    {
                        at += parser.Parse(bytes.AsSpan(at), last: false);
                        using var batch = parser.Take(null);
                        await AppendAsync(log, keepTime ? batch : AtNow(batch, time), time, cancellation);
                    }
                }

                if (ended)
                {
                    return;
                }
            }
        }
        finally
        {
            parser?.Dispose();
        }
    }

    private static bool Append(MemoryStream piece, string line)
    {
        piece.Write(System.Text.Encoding.UTF8.GetBytes(line));
        piece.WriteByte((byte)'\n');
        return true;
    }

    private static ParsedBatch AtNow(ParsedBatch batch, TimeProvider time)
    {
        var micros = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        var values = new ArrowBuffer.Builder<long>(batch.Events.Length);
        for (var row = 0; row < batch.Events.Length; row++)
        {
            values.Append(micros);
        }

        var column = batch.Stream.Schema.IndexOf("timestamp");
        var arrays = batch.Events.Arrays.ToList();
        arrays[column] = new TimestampArray((TimestampType)batch.Events.Schema.GetFieldByIndex(column).DataType, values.Build(), ArrowBuffer.Empty, batch.Events.Length, 0, 0);
        return new ParsedBatch(batch.Stream, new RecordBatch(batch.Events.Schema, arrays, batch.Events.Length), batch.Rejected, null);
    }

    private static async Task AppendAsync(IEventLog log, ParsedBatch batch, TimeProvider time, CancellationToken cancellation)
    {
        while (batch.Count > 0 && await log.AppendAsync(batch, cancellation) is AppendOutcome.Full(var wait, _))
        {
            await Task.Delay(wait, time, cancellation);
        }
    }
}
