using System.Text;
using System.Text.Unicode;
using LogPipeline.Core.Ingest.Columns;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Ingest.Formats;

/// <summary>Reads lines of web servers by a format in nginx's notation; Common and Combined are such formats, too.</summary>
/// <remarks>
/// Sample of Combined: <c>83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /index.html?a=1 HTTP/1.1" 200 203023 "http://x/" "Mozilla/5.0"</c>.
/// A dash stands for no value. What the stream has no column for is kept as an attribute under the variable's name.
/// </remarks>
internal sealed class AccessLogFormat : ILineFormat
{
    private readonly IReadOnlyList<NginxLogFormat.Part> parts;
    private readonly Role[] roles;
    private readonly byte[][] names;
    private readonly AccessLogColumns columns;
    private readonly IngestOptions options;
    private readonly VisitorSessions sessions;

    /// <summary>Makes a format.</summary>
    /// <exception cref="IngestException">The format cannot be read.</exception>
    public AccessLogFormat(string name, string format, StreamSchema schema, IngestOptions options)
    {
        Name = name;
        this.options = options;
        var read = NginxLogFormat.Parse(format);
        parts = [.. read.Select((part, index) => part with { IsQuoted = part.After is [(byte)'"', ..] && (index == 0 ? part.Before : read[index - 1].After) is [.., (byte)'"'] })];
        roles = [.. parts.Select(part => RoleOf(part.Variable))];
        names = [.. parts.Select(part => Encoding.UTF8.GetBytes(part.Variable))];
        columns = new AccessLogColumns(schema);
        sessions = new VisitorSessions(options.SessionIdle, options.MaxSessions);
        if (!roles.Contains(Role.Time) && !roles.Contains(Role.TimeIso) && !roles.Contains(Role.TimeSeconds))
        {
            throw new IngestException("The log format has no time: $time_local, $time_iso8601 or $msec");
        }
    }

    private enum Role
    {
        Attribute,
        Ignore,
        Address,
        User,
        Time,
        TimeIso,
        TimeSeconds,
        Request,
        Method,
        Uri,
        Status,
        Bytes,
        Referrer,
        Agent,
        Seconds,
        Host,
    }

    public string Name { get; }

    public bool TryRead(ReadOnlySpan<byte> record, BatchBuilder row, out RecordError error)
    {
        error = default;
        if (!Utf8.IsValid(record))
        {
            error = new RecordError(null, Problems.NotUtf8(record));
            return false;
        }

        var line = new Line();
        var rest = record;
        if (!rest.StartsWith(parts[0].Before))
        {
            error = new RecordError(null, $"does not begin with '{Encoding.UTF8.GetString(parts[0].Before)}' as {Name} lines do");
            return false;
        }

        rest = rest[parts[0].Before.Length..];
        for (var index = 0; index < parts.Count; index++)
        {
            if (!TryCut(ref rest, parts[index], out var value))
            {
                error = new RecordError(parts[index].Variable, $"the line ends before '{Encoding.UTF8.GetString(parts[index].After)}' as {Name} lines have it behind ${parts[index].Variable}");
                row.RollbackRow();
                return false;
            }

            if (!TrySet(index, value, row, ref line, out var reason))
            {
                error = new RecordError(parts[index].Variable, reason);
                row.RollbackRow();
                return false;
            }
        }

        if (!rest.IsEmpty)
        {
            error = new RecordError(null, $"has more behind the end of a {Name} line: '{Problems.Text(rest)}'");
            row.RollbackRow();
            return false;
        }

        columns.SetDerived(row, line.Status, line.HasStatus);
        if (!line.Address.IsEmpty)
        {
            columns.SetSession(row, sessions.Find(line.Address, line.Agent, line.Micros));
        }

        row.TryCommitRow(out _);
        return true;
    }

    private static Role RoleOf(string variable) => variable switch
    {
        "remote_addr" => Role.Address,
        "remote_user" => Role.User,
        "logname" => Role.Ignore,
        "time_local" => Role.Time,
        "time_iso8601" => Role.TimeIso,
        "msec" => Role.TimeSeconds,
        "request" => Role.Request,
        "request_method" => Role.Method,
        "request_uri" or "uri" or "document_uri" => Role.Uri,
        "status" => Role.Status,
        "body_bytes_sent" or "bytes_sent" => Role.Bytes,
        "http_referer" => Role.Referrer,
        "http_user_agent" => Role.Agent,
        "request_time" => Role.Seconds,
        "host" or "http_host" or "server_name" => Role.Host,
        _ => Role.Attribute,
    };

    private static bool TryCut(scoped ref ReadOnlySpan<byte> rest, NginxLogFormat.Part part, out ReadOnlySpan<byte> value)
    {
        if (part.After.Length == 0)
        {
            value = rest;
            rest = [];
            return true;
        }

        var end = part.IsQuoted ? EndOfQuoted(rest, part.After) : rest.IndexOf(part.After);
        value = end < 0 ? default : rest[..end];
        rest = end < 0 ? rest : rest[(end + part.After.Length)..];
        return end >= 0;
    }

    /// <summary>Where a quoted value ends: at a quote that is not escaped and is followed by what the format says.</summary>
    private static int EndOfQuoted(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> after)
    {
        var at = 0;
        while (true)
        {
            var found = rest[at..].IndexOf(after);
            if (found < 0)
            {
                return -1;
            }

            at += found;
            var backslashes = 0;
            while (at - backslashes > 0 && rest[at - backslashes - 1] == '\\')
            {
                backslashes++;
            }

            if (backslashes % 2 == 0)
            {
                return at;
            }

            at++;
        }
    }

    private bool TrySet(int index, ReadOnlySpan<byte> value, BatchBuilder row, ref Line line, out string reason)
    {
        reason = "";
        if (value.SequenceEqual("-"u8) || value.IsEmpty)
        {
            if (roles[index] is Role.Time or Role.TimeIso or Role.TimeSeconds)
            {
                reason = "the line has no time";
                return false;
            }

            return true;
        }

        if (value.Length > options.MaxFieldBytes)
        {
            reason = FormattableString.Invariant($"is {value.Length:N0} bytes long; at most {options.MaxFieldBytes:N0} are kept");
            return false;
        }

        switch (roles[index])
        {
            case Role.Ignore:
                return true;
            case Role.Address:
                line.Address = value;
                AccessLogColumns.SetText(row, columns.Address, value);
                return true;
            case Role.User:
                AccessLogColumns.SetText(row, columns.User, value);
                return true;
            case Role.Time or Role.TimeIso or Role.TimeSeconds:
                return TrySetTime(roles[index], value, row, ref line, out reason);
            case Role.Request:
                columns.SetRequest(row, value);
                return true;
            case Role.Method:
                AccessLogColumns.SetText(row, columns.Method, value);
                return true;
            case Role.Uri:
                columns.SetUri(row, value);
                return true;
            case Role.Status:
                if (!Numbers.TryWhole(value, out var status) || status is < 0 or > 999)
                {
                    reason = $"must be a status code, not '{Problems.Text(value)}'";
                    return false;
                }

                line.Status = (int)status;
                line.HasStatus = true;
                return true;
            case Role.Bytes:
                if (!Numbers.TryWhole(value, out var bytes) || bytes < 0)
                {
                    reason = $"must be a number of bytes, not '{Problems.Text(value)}'";
                    return false;
                }

                columns.SetBytes(row, bytes);
                return true;
            case Role.Referrer:
                AccessLogColumns.SetText(row, columns.Referrer, value);
                return true;
            case Role.Agent:
                line.Agent = value;
                AccessLogColumns.SetText(row, columns.Agent, value);
                return true;
            case Role.Seconds:
                if (!Numbers.TryDouble(value, out var seconds))
                {
                    reason = $"must be a number of seconds, not '{Problems.Text(value)}'";
                    return false;
                }

                columns.SetResponseTime(row, Math.Round(seconds * 1000, 3));
                return true;
            case Role.Host:
                AccessLogColumns.SetText(row, columns.Source, value);
                return true;
            default:
                row.AddAttribute(names[index], value);
                return true;
        }
    }

    private bool TrySetTime(Role role, ReadOnlySpan<byte> value, BatchBuilder row, ref Line line, out string reason)
    {
        long micros;
        var read = role switch
        {
            Role.Time => Timestamps.TryAccessLog(value, out micros),
            Role.TimeIso => Timestamps.TryRfc3339(value, out micros),
            _ => TrySeconds(value, out micros),
        };
        if (!read)
        {
            reason = $"must be a time such as 17/May/2015:10:05:03 +0000, not '{Problems.Text(value)}'";
            return false;
        }

        if (!Problems.TimeFits(micros, row.ReceivedAtMicros, options.MaxAhead, out reason))
        {
            return false;
        }

        line.Micros = micros;
        columns.SetTime(row, micros);
        return true;
    }

    private static bool TrySeconds(ReadOnlySpan<byte> value, out long micros)
    {
        var read = Numbers.TryDouble(value, out var seconds) && Math.Abs(seconds) < 1e11;
        micros = read ? (long)Math.Round(seconds * 1e6) : 0;
        return read;
    }

    private ref struct Line
    {
        public ReadOnlySpan<byte> Address;
        public ReadOnlySpan<byte> Agent;
        public long Micros;
        public int Status;
        public bool HasStatus;
    }
}
