using System.Globalization;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Ingest.Formats;
using LogPipeline.Core.Live;
using LogPipeline.Core.Streams;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>The product's parser and live metrics over a file, in a process of its own.</summary>
internal static class ParseProduct
{
    /// <summary>First argument that makes this program do it.</summary>
    public const string Verb = "parse-product";

    /// <summary>Parses and aggregates a combined log; writes the number of requests counted.</summary>
    public static async Task<int> RunAsync(string path, TextWriter output)
    {
        var stream = new StreamDefinition("web-logs", AvroSchemaReader.ReadShipped("web-log"), "web-logs", "logs", EventLogRetention.Default);
        var options = new IngestOptions();
        using var view = new LiveView(stream, new LiveOptions(), TimeProvider.System);
        using var parser = new EventParser(stream, LineFormats.Choose("combined", [], stream.Schema, options), options, TimeProvider.System, "access.log");
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        long offset = 0;
        await new BatchPump(parser, options).RunAsync(
            file,
            () => null,
            parsed => Task.Run(() =>
            {
                var received = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
                using var batch = new EventBatch(stream, parsed.Events, parsed.Rejected, new EventRange(0, offset, offset + parsed.Count - 1), received);
                view.Add(batch);
                offset += parsed.Count;
                return true;
            }),
            endIsLast: true,
            CancellationToken.None);
        var seen = view.Read(new LiveQuery(EventFilter.None, TimeSpan.FromHours(1), Buckets: 1));
        await output.WriteLineAsync(seen.Metrics.Requests.ToString(CultureInfo.InvariantCulture));
        return 0;
    }
}
