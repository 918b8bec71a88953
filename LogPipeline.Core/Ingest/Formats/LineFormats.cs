using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Ingest.Formats;

/// <summary>Chooses how records are read.</summary>
internal static class LineFormats
{
    /// <summary>Common log format of Apache and NCSA.</summary>
    public const string Common = "$remote_addr $logname $remote_user [$time_local] \"$request\" $status $body_bytes_sent";

    /// <summary>Combined log format of Apache and nginx.</summary>
    public const string Combined = Common + " \"$http_referer\" \"$http_user_agent\"";

    /// <summary>A format by its name or definition, or by what the input begins with.</summary>
    /// <exception cref="IngestException">There is no such format, or the input looks like none.</exception>
    public static ILineFormat Choose(string? wanted, ReadOnlySpan<byte> sample, StreamSchema schema, IngestOptions options) => wanted switch
    {
        null or "" or "auto" => Detect(sample, schema, options),
        "json" or "ndjson" => new JsonEventFormat(schema, options),
        "common" => new AccessLogFormat("common", Common, schema, options),
        "combined" => new AccessLogFormat("combined", Combined, schema, options),
        _ when wanted.Contains('$', StringComparison.Ordinal) => new AccessLogFormat("nginx", NginxLogFormat.Clean(wanted), schema, options),
        _ => throw new IngestException($"There is no format '{wanted}': give json, common, combined, or an nginx log_format such as '{Combined}'"),
    };

    private static ILineFormat Detect(ReadOnlySpan<byte> sample, StreamSchema schema, IngestOptions options)
    {
        var text = sample.StartsWith("\uFEFF"u8) ? sample[3..] : sample;
        text = text.TrimStart(" \t\r\n"u8);
        if (text.IsEmpty || text[0] is (byte)'{' or (byte)'[')
        {
            return new JsonEventFormat(schema, options);
        }

        var lines = 0;
        var combined = 0;
        var common = 0;
        while (!text.IsEmpty && lines < 20)
        {
            var end = text.IndexOf((byte)'\n');
            var line = (end < 0 ? text : text[..end]).TrimEnd((byte)'\r');
            text = end < 0 ? [] : text[(end + 1)..];
            if (line.IsEmpty)
            {
                continue;
            }

            lines++;
            if (line.Contains((byte)'[') && line.Contains((byte)']') && line.Contains((byte)'"'))
            {
                common++;
                combined += line.Count((byte)'"') >= 6 ? 1 : 0;
            }
        }

        // What looks like nothing known is read as JSON, so that every line becomes a dead letter with its reason.
        return combined * 2 > lines ? new AccessLogFormat("combined", Combined, schema, options)
            : common * 2 > lines ? new AccessLogFormat("common", Common, schema, options)
            : new JsonEventFormat(schema, options);
    }
}
