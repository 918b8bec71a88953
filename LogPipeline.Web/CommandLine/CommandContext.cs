using System.CommandLine;
using LogPipeline.Web.Hosting;

namespace LogPipeline.Web.CommandLine;

/// <summary>What verbs share: where data and messages go, and the options of every verb.</summary>
/// <param name="Output">Data.</param>
/// <param name="Error">Messages.</param>
/// <param name="Common">Options of every verb.</param>
/// <param name="Process">Working folder and environment.</param>
internal sealed record CommandContext(TextWriter Output, TextWriter Error, CommonOptions Common, HostArguments Process)
{
    /// <summary>Whether the answer is wanted in JSON.</summary>
    public bool WantsJson(ParseResult parsed) => parsed.GetValue(Common.Json);

    /// <summary>The configuration with what the command line says; its notices go to the messages.</summary>
    public HostConfiguration Load(ParseResult parsed, Func<HostArguments, HostArguments>? refine = null)
    {
        var arguments = Common.Read(parsed, Process);
        var configuration = HostConfiguration.Load(refine is null ? arguments : refine(arguments));
        foreach (var notice in configuration.Notices)
        {
            Error.WriteLine(notice);
        }

        return configuration;
    }
}
