using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Ingest.Formats;
using LogPipeline.Core.Streams;

namespace LogPipeline.Benchmarks.Ingest;

/// <summary>The product's parser with its default limits.</summary>
internal static class BenchParser
{
    /// <summary>The shipped stream of web logs, with a small event log.</summary>
    public static StreamDefinition Stream { get; } =
        new("web-logs", AvroSchemaReader.ReadShipped("web-log"), "web-logs", "logs", new EventLogRetention(256L << 20, TimeSpan.FromDays(1)));

    /// <summary>Parses all bytes into batches, which the caller ends.</summary>
    public static IEnumerable<ParsedBatch> Parse(byte[] bytes, string format)
    {
        var options = new IngestOptions();
        using var parser = new EventParser(Stream, LineFormats.Choose(format, [], Stream.Schema, options), options, TimeProvider.System, "bench");
        for (var at = 0; at < bytes.Length;)
        {
            at += parser.Parse(bytes.AsSpan(at), last: true);
            yield return parser.Take(null);
        }
    }
}
