using System.Buffers.Text;
using LogPipeline.Core.Ingest.Columns;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Ingest.Formats;

/// <summary>The columns that access-log lines fill; a stream may lack any of them.</summary>
internal sealed class AccessLogColumns(StreamSchema schema)
{
    private readonly int time = schema.IndexOf("timestamp");
    private readonly int level = schema.IndexOf("level");
    private readonly int status = schema.IndexOf("status");
    private readonly int bytes = schema.IndexOf("bytes");
    private readonly int responseTime = schema.IndexOf("response_time");
    private readonly int session = schema.IndexOf("session_id");
    private readonly int endpoint = schema.IndexOf("endpoint");

    public int Address { get; } = schema.IndexOf("ip");

    public int User { get; } = schema.IndexOf("user_id");

    public int Method { get; } = schema.IndexOf("method");

    public int Referrer { get; } = schema.IndexOf("referrer");

    public int Agent { get; } = schema.IndexOf("user_agent");

    public int Source { get; } = schema.IndexOf("source");

    public static void SetText(BatchBuilder row, int column, ReadOnlySpan<byte> value)
    {
        if (column >= 0)
        {
            row[column].SetText(row.Rows, value);
        }
    }

    public void SetTime(BatchBuilder row, long micros)
    {
        if (time >= 0)
        {
            row[time].SetInt64(row.Rows, micros);
        }
    }

    public void SetBytes(BatchBuilder row, long value)
    {
        if (bytes >= 0)
        {
            row[bytes].SetInt64(row.Rows, value);
        }
    }

    public void SetResponseTime(BatchBuilder row, double milliseconds)
    {
        if (responseTime >= 0)
        {
            row[responseTime].SetDouble(row.Rows, milliseconds);
        }
    }

    /// <summary>Splits <c>GET /a?b=1 HTTP/1.1</c>; what is no request line is kept as an attribute.</summary>
    public void SetRequest(BatchBuilder row, ReadOnlySpan<byte> request)
    {
        var first = request.IndexOf((byte)' ');
        var last = request.LastIndexOf((byte)' ');
        var isRequest = first > 0 && IsMethod(request[..first]) && request[(last + 1)..].StartsWith("HTTP/"u8) && last > first;
        if (!isRequest)
        {
            row.AddAttribute("request"u8, request);
            return;
        }

        SetText(row, Method, request[..first]);
        SetUri(row, request[(first + 1)..last]);
        row.AddAttribute("protocol"u8, request[(last + 1)..]);
    }

    /// <summary>Splits a path from its query.</summary>
    public void SetUri(BatchBuilder row, ReadOnlySpan<byte> uri)
    {
        var question = uri.IndexOf((byte)'?');
        SetText(row, endpoint, question < 0 ? uri : uri[..question]);
        if (question >= 0 && question + 1 < uri.Length)
        {
            row.AddAttribute("query"u8, uri[(question + 1)..]);
        }
    }

    /// <summary>Sets status and level: ERROR from 500, WARN from 400, else INFO.</summary>
    public void SetDerived(BatchBuilder row, int value, bool isKnown)
    {
        if (isKnown && status >= 0)
        {
            row[status].SetInt32(row.Rows, value);
        }

        SetText(row, level, value >= 500 ? "ERROR"u8 : value >= 400 ? "WARN"u8 : "INFO"u8);
    }

    public void SetSession(BatchBuilder row, ulong id)
    {
        if (session >= 0)
        {
            Span<byte> text = stackalloc byte[16];
            Utf8Formatter.TryFormat(id, text, out _, new System.Buffers.StandardFormat('x', 16));
            row[session].SetText(row.Rows, text);
        }
    }

    private static bool IsMethod(ReadOnlySpan<byte> word)
    {
        foreach (var letter in word)
        {
            if (letter is not ((>= (byte)'A' and <= (byte)'Z') or (byte)'-' or (byte)'_'))
            {
                return false;
            }
        }

        return word.Length <= 20;
    }
}
