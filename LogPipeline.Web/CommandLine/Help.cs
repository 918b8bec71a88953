using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using LogPipeline.Web.Hosting;

namespace LogPipeline.Web.CommandLine;

/// <summary>Help that teaches: what a verb is for, and examples that work as they stand.</summary>
internal static class Help
{
    private static readonly Dictionary<string, string[]> Examples = new(StringComparer.Ordinal)
    {
        [""] =
        [
            "logpipeline demo                                   a living example on http://localhost:4000",
            "logpipeline serve --input access.log               follow a log file",
            "logpipeline import access.log.1 access.log         take in files and end",
            "logpipeline query \"SELECT status, count(*) FROM delta_lake.logs GROUP BY status\"",
            "curl -d '{\"endpoint\":\"/api/cart\",\"status\":200}' -H 'Content-Type: application/json' http://localhost:4000/api/ingest/web-logs",
        ],
        ["serve"] =
        [
            "logpipeline serve                                  on http://localhost:4000, data in ./logpipeline-data",
            "logpipeline serve --input /var/log/nginx/access.log --format combined",
            "LogPipeline__Auth__Token=$(openssl rand -hex 24) logpipeline serve --bind 0.0.0.0",
        ],
    };

    /// <summary>Adds examples for a verb.</summary>
    public static void AddExamples(string verb, params string[] lines) => Examples[verb] = lines;

    /// <summary>Makes every help of a command line show its examples, and <c>--version</c> this build's.</summary>
    public static void Teach(RootCommand root)
    {
        foreach (var option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction action } help)
            {
                help.Action = new ActionWithExamples(action);
            }
            else if (option is VersionOption version)
            {
                version.Action = new VersionAction();
            }
        }
    }

    private sealed class ActionWithExamples(HelpAction inner) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var result = inner.Invoke(parseResult);
            var command = parseResult.CommandResult.Command;
            var verb = command is RootCommand ? "" : command.Parents.OfType<Command>().Any(parent => parent is not RootCommand)
                ? command.Parents.OfType<Command>().First().Name + " " + command.Name
                : command.Name;
            if (Examples.TryGetValue(verb, out var lines))
            {
                var output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                foreach (var line in lines)
                {
                    output.WriteLine("  " + line);
                }

                output.WriteLine();
            }

            return result;
        }
    }

    private sealed class VersionAction : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(ProductVersion.Text);
            return ExitCodes.Done;
        }
    }
}
