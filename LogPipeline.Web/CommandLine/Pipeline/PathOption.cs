using System.CommandLine;

namespace LogPipeline.Web.CommandLine.Pipeline;

/// <summary>Options that name a place on this machine, such as <c>--input-path</c>.</summary>
internal static class PathOption
{
    /// <summary><c>--input-path</c>.</summary>
    public static Option<string?> Input(string description) => new("--input-path") { Description = description, HelpName = "PATH" };

    /// <summary><c>--output-path</c>.</summary>
    public static Option<string?> Output(string description) => new("--output-path") { Description = description, HelpName = "PATH" };

    /// <summary><c>--checkpoint-path</c>.</summary>
    public static Option<string?> Checkpoint(string description) => new("--checkpoint-path") { Description = description, HelpName = "FOLDER" };

    /// <summary>The absolute path, <c>file:</c> addresses among them; null when the option is absent.</summary>
    /// <exception cref="CommandException">It names no place on this machine.</exception>
    public static string? Read(CommandContext context, ParseResult parsed, Option<string?> option)
    {
        if (parsed.GetValue(option) is not { } text)
        {
            return null;
        }

        if (text.Length == 0)
        {
            throw Problem(option, "is empty; give a path");
        }

        if (text.StartsWith("file:/", StringComparison.OrdinalIgnoreCase) && Uri.TryCreate(text, UriKind.Absolute, out var url))
        {
            text = url.LocalPath;
        }
        else if (text.Contains("://", StringComparison.Ordinal))
        {
            throw Problem(option, $"'{text}' is no path of this machine; mount it, and give the path where it is mounted");
        }

        return Path.TrimEndingDirectorySeparator(Path.GetFullPath(text, context.Process.WorkingFolder));
    }

    /// <summary>A refusal that names the option.</summary>
    public static CommandException Problem(Option option, string what) => new($"{option.Name}: {what}");
}
