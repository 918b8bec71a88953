using System.Security.Cryptography;
using System.Text;
using LogPipeline.Core.Configuration;

namespace LogPipeline.Web.Security;

/// <summary>What a caller may do.</summary>
internal enum Access
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Send events.</summary>
    Ingest,

    /// <summary>Everything.</summary>
    Full,
}

/// <summary>The secrets that open this host, compared in constant time.</summary>
internal sealed class AccessKeys
{
    /// <summary>Cookie of a page that was opened by the login link.</summary>
    public const string CookieName = "logpipeline";

    private readonly byte[]? token;
    private readonly byte[]? ingestKey;
    private readonly byte[] ownerToken;
    private readonly byte[]? session;

    public AccessKeys(AuthOptions options)
    {
        OwnerToken = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        ownerToken = Digest(OwnerToken);
        if (options.Token is { } secret)
        {
            token = Digest(secret);
            SessionCookie = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), "logpipeline session 1"u8));
            session = Digest(SessionCookie);
        }

        ingestKey = options.IngestKey is { } key ? Digest(key) : null;
    }

    /// <summary>Whether callers need a secret.</summary>
    public bool Required => token is not null;

    /// <summary>Secret of this run, known to processes that can read host.lock.</summary>
    public string OwnerToken { get; }

    /// <summary>Value of the cookie; empty when none is needed. It is worth nothing once the token changes.</summary>
    public string SessionCookie { get; } = "";

    /// <summary>What a bearer token or an API key allows.</summary>
    public Access OfSecret(string secret)
    {
        var digest = Digest(secret);
        return Equal(digest, token) || Equal(digest, ownerToken) ? Access.Full
            : Equal(digest, ingestKey) ? Access.Ingest
            : Access.None;
    }

    /// <summary>Whether an Authorization header carries the secret of host.lock.</summary>
    public bool IsOwner(string authorization) =>
        authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && Equal(Digest(authorization["Bearer ".Length..].Trim()), ownerToken);

    /// <summary>Whether a cookie is that of this host.</summary>
    public bool IsSession(string cookie) => Equal(Digest(cookie), session);

    /// <summary>Whether this is the token that logs pages in.</summary>
    public bool IsToken(string secret) => Equal(Digest(secret), token);

    // Equal lengths whatever was sent, so that the time says nothing about the secret.
    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static bool Equal(byte[] given, byte[]? secret) => secret is not null && CryptographicOperations.FixedTimeEquals(given, secret);
}
