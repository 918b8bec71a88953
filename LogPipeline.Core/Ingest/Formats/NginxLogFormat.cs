using System.Text;
using System.Text.RegularExpressions;

namespace LogPipeline.Core.Ingest.Formats;

/// <summary>Reads nginx's <c>log_format</c> directive as people paste it.</summary>
/// <remarks>
/// Sample: <c>log_format main '$remote_addr - $remote_user [$time_local] "$request" '
/// '$status $body_bytes_sent rt=$request_time';</c>. Source: nginx, ngx_http_log_module.
/// </remarks>
internal static partial class NginxLogFormat
{
    /// <summary>The format's text: without the directive, its name, its quotes and its end.</summary>
    public static string Clean(string pasted)
    {
        var text = pasted.Trim();
        var directive = Directive().Match(text);
        if (directive.Success)
        {
            text = text[directive.Length..].Trim();
        }

        text = text.TrimEnd(';').Trim();
        if (text.Length == 0 || text[0] is not ('\'' or '"') || (!directive.Success && text[0] == '"'))
        {
            return text;
        }

        var pieces = new StringBuilder();
        var quote = text[0];
        var inside = false;
        foreach (var one in text)
        {
            if (one == quote)
            {
                inside = !inside;
            }
            else if (inside)
            {
                pieces.Append(one);
            }
        }

        return pieces.ToString();
    }

    /// <summary>Cuts a format into variables and the texts between them.</summary>
    /// <exception cref="IngestException">It names no variable, or two variables touch.</exception>
    public static IReadOnlyList<Part> Parse(string format)
    {
        var parts = new List<Part>();
        var at = 0;
        foreach (Match match in Variable().Matches(format))
        {
            var before = format[at..match.Index];
            if (parts.Count > 0 && before.Length == 0)
            {
                throw new IngestException($"The log format has nothing between ${parts[^1].Variable} and {match.Value}; their values cannot be told apart");
            }

            if (parts.Count > 0)
            {
                parts[^1] = parts[^1] with { After = Encoding.UTF8.GetBytes(before) };
            }

            parts.Add(new Part(match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value, parts.Count == 0 ? Encoding.UTF8.GetBytes(before) : [], []));
            at = match.Index + match.Length;
        }

        if (parts.Count == 0)
        {
            throw new IngestException("The log format names no variable such as $remote_addr");
        }

        parts[^1] = parts[^1] with { After = Encoding.UTF8.GetBytes(format[at..]) };
        return parts;
    }

    [GeneratedRegex(@"^log_format\s+\S+\s+(escape=\w+\s+)?")]
    private static partial Regex Directive();

    [GeneratedRegex(@"\$(?:\{(\w+)\}|(\w+))")]
    private static partial Regex Variable();

    /// <summary>One variable.</summary>
    /// <param name="Variable">Name without the dollar sign.</param>
    /// <param name="Before">Text before it, for the first one.</param>
    /// <param name="After">Text behind it.</param>
    internal sealed record Part(string Variable, byte[] Before, byte[] After)
    {
        /// <summary>Whether the value stands in double quotes, within which a quote is escaped.</summary>
        public bool IsQuoted { get; init; }
    }
}
