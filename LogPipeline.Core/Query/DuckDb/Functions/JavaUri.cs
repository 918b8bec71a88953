namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>A URL taken apart as Java's <c>java.net.URI</c> does, without decoding.</summary>
/// <remarks>Source: the class documentation of <c>java.net.URI</c> (RFC 2396 with its deviations). Sample: <c>http://u@h:80/p?q#f</c>.</remarks>
internal sealed class JavaUri
{
    private const string Unreserved = "_-!.~'()*";
    private const string PathMarks = Unreserved + ":@&=+$,;/";
    private const string AnyMarks = Unreserved + ";/?:@&=+$,[]";
    private const string UserMarks = Unreserved + ";:&=+$,";
    private const string ServerMarks = UserMarks + ".:@[]";
    private const string RegistryMarks = Unreserved + "$,;:@&=+";

    public string? Scheme { get; private set; }

    public string? Authority { get; private set; }

    public string? UserInfo { get; private set; }

    public string? Host { get; private set; }

    /// <summary>Null for an opaque URL such as <c>mailto:a@b</c>.</summary>
    public string? Path { get; private set; }

    public string? Query { get; private set; }

    public string? Fragment { get; private set; }

    public static bool TryParse(string text, out JavaUri uri)
    {
        uri = new JavaUri();
        var rest = text;
        var mark = rest.IndexOf('#', StringComparison.Ordinal);
        if (mark >= 0)
        {
            uri.Fragment = rest[(mark + 1)..];
            rest = rest[..mark];
            if (!Legal(uri.Fragment, AnyMarks))
            {
                return false;
            }
        }

        var scheme = rest.IndexOfAny(['/', '?', ':']);
        if (scheme >= 0 && rest[scheme] == ':')
        {
            uri.Scheme = rest[..scheme];
            rest = rest[(scheme + 1)..];
            if (uri.Scheme.Length == 0 || !char.IsAsciiLetter(uri.Scheme[0]) || !uri.Scheme.All(static one => char.IsAsciiLetterOrDigit(one) || one is '+' or '-' or '.'))
            {
                return false;
            }

            if (!rest.StartsWith('/'))
            {
                return rest.Length > 0 && Legal(rest, AnyMarks);
            }
        }

        return uri.TryHierarchical(rest);
    }

    private bool TryHierarchical(string rest)
    {
        if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            var end = rest.AsSpan(2).IndexOfAny('/', '?');
            var authority = end < 0 ? rest[2..] : rest[2..(end + 2)];
            rest = end < 0 ? "" : rest[(end + 2)..];
            if (authority.Length > 0 ? !TryAuthority(authority) : rest.Length == 0 && Fragment is null)
            {
                return false;
            }
        }

        var query = rest.IndexOf('?', StringComparison.Ordinal);
        Path = query < 0 ? rest : rest[..query];
        Query = query < 0 ? null : rest[(query + 1)..];
        return Legal(Path, PathMarks) && (Query is null || Legal(Query, AnyMarks));
    }

    /// <summary>An authority that is no server is a registry's name: it has no host.</summary>
    private bool TryAuthority(string authority)
    {
        if (Legal(authority, ServerMarks) && TryServer(authority))
        {
            Authority = authority;
            return true;
        }

        UserInfo = null;
        Host = null;
        if (!Legal(authority, RegistryMarks))
        {
            return false;
        }

        Authority = authority;
        return true;
    }

    private bool TryServer(string authority)
    {
        var at = authority.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0)
        {
            UserInfo = authority[..at];
            authority = authority[(at + 1)..];
            if (!Legal(UserInfo, UserMarks))
            {
                return false;
            }
        }

        string host;
        string port;
        if (authority.StartsWith('['))
        {
            var end = authority.IndexOf(']', StringComparison.Ordinal);
            if (end < 0 || !System.Net.IPAddress.TryParse(authority[1..end], out var address) || address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6)
            {
                return false;
            }

            host = authority[..(end + 1)];
            port = authority[(end + 1)..];
        }
        else
        {
            var colon = authority.IndexOf(':', StringComparison.Ordinal);
            host = colon < 0 ? authority : authority[..colon];
            port = colon < 0 ? "" : authority[colon..];
            if (!IsIPv4(host) && !IsHostName(host))
            {
                return false;
            }
        }

        Host = host;
        return port.Length == 0 || (port[0] == ':' && port.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0 && port.Length <= 10);
    }

    private static bool IsIPv4(string host)
    {
        var parts = host.Split('.');
        return parts.Length == 4 && parts.All(static part =>
            part.Length is > 0 and < 4 && part.All(char.IsAsciiDigit) && int.Parse(part, System.Globalization.CultureInfo.InvariantCulture) < 256);
    }

    private static bool IsHostName(string host)
    {
        var labels = (host.EndsWith('.') ? host[..^1] : host).Split('.');
        return labels.All(static label => label.Length > 0 && char.IsAsciiLetterOrDigit(label[0]) && char.IsAsciiLetterOrDigit(label[^1])
                && label.All(static one => char.IsAsciiLetterOrDigit(one) || one == '-'))
            && (labels.Length == 1 || char.IsAsciiLetter(labels[^1][0]));
    }

    /// <summary>Letters, digits, the marks given, escapes of two hexadecimal digits, and what is neither ASCII nor a space nor a control.</summary>
    private static bool Legal(string text, string marks)
    {
        for (var index = 0; index < text.Length; index++)
        {
            var one = text[index];
            if (one == '%')
            {
                if (index + 2 >= text.Length || !char.IsAsciiHexDigit(text[index + 1]) || !char.IsAsciiHexDigit(text[index + 2]))
                {
                    return false;
                }

                index += 2;
            }
            else if (one < 128 ? !char.IsAsciiLetterOrDigit(one) && !marks.Contains(one, StringComparison.Ordinal) : char.IsControl(one) || char.IsSeparator(one))
            {
                return false;
            }
        }

        return true;
    }
}
