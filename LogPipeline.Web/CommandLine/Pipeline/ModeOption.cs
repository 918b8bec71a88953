using System.CommandLine;

namespace LogPipeline.Web.CommandLine.Pipeline;

/// <summary>Verbs as options: <c>pipeline --action start</c> is <c>pipeline start</c>, and <c>pipeline --mode analytics</c> is <c>pipeline analytics</c>.</summary>
internal static class ModeOption
{
    private static readonly (string Name, string[] Verbs)[] Options =
    [
        ("--mode", ["stream", "analytics", "optimize"]),
        ("--action", ["start", "stop", "status"]),
    ];

    /// <summary>The options, for help and for what is wrong with them.</summary>
    public static IEnumerable<Option> Create()
    {
        foreach (var (name, verbs) in Options)
        {
            var option = new Option<string>(name) { Description = $"The verb {string.Join(", ", verbs)} as an option", HelpName = "VERB" };
            option.AcceptOnlyFromAmong(verbs);
            yield return option;
        }
    }

    /// <summary>Puts the verb in the option's place, so that the verb's own options are understood.</summary>
    public static string[] ToVerb(string[] arguments)
    {
        var pipeline = Array.IndexOf(arguments, PipelineCommand.Name);
        if (pipeline < 0 || (pipeline > 0 && arguments[pipeline - 1] == "test"))
        {
            return arguments;
        }

        for (var index = pipeline + 1; index < arguments.Length; index++)
        {
            foreach (var (name, verbs) in Options)
            {
                var joined = arguments[index].StartsWith(name + "=", StringComparison.Ordinal);
                var verb = joined ? arguments[index][(name.Length + 1)..]
                    : arguments[index] == name && index + 1 < arguments.Length ? arguments[index + 1]
                    : null;
                if (verb is not null && verbs.Contains(verb, StringComparer.Ordinal))
                {
                    return [.. arguments[..(pipeline + 1)], verb, .. arguments[(pipeline + 1)..index], .. arguments[(index + (joined ? 1 : 2))..]];
                }
            }
        }

        return arguments;
    }
}
