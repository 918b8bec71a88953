using Microsoft.AspNetCore.WebUtilities;

namespace LogPipeline.Web.Components.Dashboard;

/// <summary>Names of status codes, in one or two words.</summary>
internal static class StatusNames
{
    public static string Find(int status) => status switch
    {
        500 => "Server Error",
        503 => "Unavailable",
        499 => "Client Closed",
        _ => ReasonPhrases.GetReasonPhrase(status),
    };
}
