using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace LogPipeline.Spark.Connect;

/// <summary>
/// Where a Spark Connect server listens and who asks: <c>sc://host:15002/;token=…;user_id=…;use_ssl=true</c>,
/// the form that Spark's other clients use. Further parameters are sent as headers of every call.
/// </summary>
public sealed class SparkRemote
{
    /// <summary>The port when none is given.</summary>
    public const int DefaultPort = 15002;

    private SparkRemote(string host, int port, IReadOnlyDictionary<string, string> parameters)
    {
        Host = host;
        Port = port;
        Token = parameters.GetValueOrDefault("token");
        UserId = parameters.GetValueOrDefault("user_id") ?? Environment.UserName;
        UsesTls = parameters.TryGetValue("use_ssl", out var tls) ? IsTrue(tls) : Token is not null && !IsLoopback(host);
        Headers = parameters.Where(pair => !IsKnown(pair.Key)).ToDictionary(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Name or address of the server.</summary>
    public string Host { get; }

    /// <summary>Port of the server.</summary>
    public int Port { get; }

    /// <summary>Bearer token, if the server wants one.</summary>
    public string? Token { get; }

    /// <summary>The user whose session it is: <c>user_id</c>, or the user of this process.</summary>
    public string UserId { get; }

    /// <summary>
    /// Whether the connection is encrypted: <c>use_ssl</c>, or, when that is not given, whether a token would leave this machine.
    /// </summary>
    public bool UsesTls { get; }

    /// <summary>Parameters that the client does not know: sent as headers.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    internal Uri Address => new UriBuilder(UsesTls ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, Host, Port).Uri;

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="FormatException">It is not one; the message says why.</exception>
    public static SparkRemote Parse(string text) =>
        TryParse(text, out var remote, out var problem) ? remote : throw new FormatException(problem);

    /// <summary>Reads a connection string, or says what is wrong with it.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SparkRemote? remote, [NotNullWhen(false)] out string? problem)
    {
        remote = null;
        problem = null;
        if (!text.StartsWith("sc://", StringComparison.Ordinal))
        {
            problem = "A Spark Connect address starts with sc://, as in sc://localhost:15002";
            return false;
        }

        var parts = text.Split(';');
        if (!Uri.TryCreate(parts[0], UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            problem = "A Spark Connect address is sc://host:port";
            return false;
        }

        if (uri.AbsolutePath is not ("" or "/"))
        {
            problem = "A Spark Connect address has no path: parameters follow as sc://host:port/;token=…;user_id=…";
            return false;
        }

        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in parts.Skip(1).Where(part => part.Length > 0))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                problem = "A parameter of a Spark Connect address is name=value";
                return false;
            }

            parameters[part[..equals]] = Uri.UnescapeDataString(part[(equals + 1)..]);
        }

        remote = new SparkRemote(uri.Host, uri.Port > 0 ? uri.Port : DefaultPort, parameters);
        return true;
    }

    /// <summary>The address without the token and the headers, fit for a log.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"sc://{Host}:{Port}");

    private static bool IsKnown(string name) => name is "token" or "user_id" or "use_ssl";

    private static bool IsTrue(string text) => string.Equals(text, "true", StringComparison.OrdinalIgnoreCase);

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
