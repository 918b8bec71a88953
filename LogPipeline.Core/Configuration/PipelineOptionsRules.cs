using System.Net;

namespace LogPipeline.Core.Configuration;

/// <summary>Checks the host's own options.</summary>
internal static class PipelineOptionsRules
{
    /// <summary>Characters that a secret needs at least.</summary>
    public const int ShortestSecret = 16;

    /// <summary>Collects everything that is wrong.</summary>
    public static IEnumerable<ConfigurationProblem> Check(PipelineOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.DataFolder))
        {
            yield return new("LogPipeline:DataFolder", "is empty; give a folder such as ./logpipeline-data");
        }

        if (options.Http.Port is < 0 or > 65535)
        {
            yield return new("LogPipeline:Http:Port", $"{options.Http.Port} is no port; give 1 to 65535, or 0 for a free one");
        }

        if (options.Http.MaxEventStreams is < 1 or > 10_000)
        {
            yield return new("LogPipeline:Http:MaxEventStreams", "must be from 1 to 10000");
        }

        foreach (var origin in options.Http.AllowedOrigins)
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.PathAndQuery != "/")
            {
                yield return new("LogPipeline:Http:AllowedOrigins", $"'{origin}' is no origin; give scheme, host and port such as https://portal.example.org");
            }
        }

        foreach (var problem in CheckAccess(options))
        {
            yield return problem;
        }
    }

    /// <summary>The address to listen on, or null when the text is none.</summary>
    public static IPAddress? AddressOf(string? bind) =>
        string.Equals(bind, "localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
        : bind is "*" or "+" ? IPAddress.Any
        : IPAddress.TryParse(bind, out var address) ? address : null;

    private static IEnumerable<ConfigurationProblem> CheckAccess(PipelineOptions options)
    {
        var auth = options.Auth;
        if (auth.Token is { Length: < ShortestSecret })
        {
            yield return new("LogPipeline:Auth:Token", $"is shorter than {ShortestSecret} characters; make one with: openssl rand -hex 24");
        }

        if (auth.IngestKey is { Length: < ShortestSecret })
        {
            yield return new("LogPipeline:Auth:IngestKey", $"is shorter than {ShortestSecret} characters; make one with: openssl rand -hex 24");
        }

        if (auth.IngestKey is not null && auth.Token is null)
        {
            yield return new("LogPipeline:Auth:IngestKey", "is set without LogPipeline:Auth:Token, so nothing would ask for it; set both");
        }
        else if (auth.IngestKey is not null && auth.IngestKey == auth.Token)
        {
            yield return new("LogPipeline:Auth:IngestKey", "equals LogPipeline:Auth:Token; choose another, because it is meant to allow less");
        }

        if (AddressOf(options.Http.Bind) is not { } address)
        {
            yield return new("LogPipeline:Http:Bind", $"'{options.Http.Bind}' is no address; give 127.0.0.1, ::1, 0.0.0.0 or an address of this machine");
        }
        else if (!IPAddress.IsLoopback(address) && auth.Token is null && !auth.AllowAnonymous)
        {
            yield return new("LogPipeline:Auth:Token", $"is needed because LogPipeline:Http:Bind {options.Http.Bind} can be reached from other machines; "
                + "set it (openssl rand -hex 24), or accept everyone with --allow-anonymous");
        }
    }
}
