using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using LogPipeline.Core.Configuration;

namespace LogPipeline.Web.Hosting;

/// <summary>Writes <c>docs/configuration.md</c> and <c>.env.example</c> from the options and their documentation.</summary>
internal static partial class ConfigurationReference
{
    /// <summary>The reference of every key, with its default.</summary>
    public static string Markdown()
    {
        var documentation = OptionsCatalog.Sections.Select(section => section.Type.Assembly.GetName().Name).Distinct()
            .SelectMany(assembly => XDocument.Load(Path.Combine(AppContext.BaseDirectory, assembly + ".xml")).Descendants("member"))
            .Where(member => member.Attribute("name")!.Value.AsSpan(1).StartsWith(":LogPipeline.", StringComparison.Ordinal))
            .ToDictionary(member => member.Attribute("name")!.Value, member => Plain(member.Element("summary")));
        var text = new StringBuilder();
        text.Append("""
            # Configuration

            Written by the test `Configuration_reference_is_current` from the options classes; change their documentation, not this file.

            Sources, the first one that has a key wins: command line (`--data`, `--port`, `--bind`, `--allow-anonymous`, `--set KEY=VALUE`), environment (`LogPipeline__Http__Port`), `.env` in the working folder, the file of `--config`, `appsettings.json` in the working folder (its sections `LogPipeline` and `Logging`), the product's own. Relative paths count from the working folder. The host checks everything at its start and names every problem at once; it does not start with a key that it does not know.

            Durations are written `500ms`, `1s`, `5min`, `24h`, `7d` or `00:00:01`; sizes in bytes, or `64MiB`.

            """);
        foreach (var section in OptionsCatalog.Sections)
        {
            Write(text, section.Path, section.Create(), documentation);
        }

        text.Append("\n## Variables with names of their own\n\nThey never flip a switch; the start says in one line when one is set but not used.\n\n| Variable | Key |\n|---|---|\n");
        foreach (var variable in KnownVariables.All)
        {
            text.Append(CultureInfo.InvariantCulture, $"| `{variable.Name}` | `LogPipeline:{variable.Key}` |\n");
        }

        return text.ToString().ReplaceLineEndings("\n");
    }

    /// <summary>The variables for <c>.env</c>, all commented out.</summary>
    public static string DotEnv()
    {
        var text = new StringBuilder("# Copy to .env in the folder that you start from. Every key of docs/configuration.md can stand here as\n# LogPipeline__Section__Key=value; these have names of their own.\n\n");
        foreach (var variable in KnownVariables.All)
        {
            var value = OptionsCatalog.Sections
                .Select(section => (section, rest: RestOf(section.Path, "LogPipeline:" + variable.Key)))
                .Where(pair => pair.rest is not null)
                .OrderByDescending(pair => pair.section.Path.Length)
                .Select(pair => ValueOf(pair.section.Create(), pair.rest!))
                .FirstOrDefault();
            text.Append(CultureInfo.InvariantCulture, $"# {variable.Name}={value}\n");
        }

        return text.Append("# LogPipeline__Auth__Token=\n").ToString();
    }

    private static string? RestOf(string section, string key) => key.StartsWith(section + ":", StringComparison.Ordinal) ? key[(section.Length + 1)..] : null;

    private static string? ValueOf(object options, string path)
    {
        object? value = options;
        var name = "";
        foreach (var part in path.Split(':'))
        {
            name = part;
            var property = value?.GetType().GetProperty(part);
            if (property is null)
            {
                return null;
            }

            value = property.GetValue(value);
        }

        return OptionValues.Write(value, name);
    }

    private static void Write(StringBuilder text, string path, object options, Dictionary<string, string> documentation)
    {
        var type = options.GetType();
        text.Append(CultureInfo.InvariantCulture, $"\n## {path}\n\n{documentation.GetValueOrDefault("T:" + type.FullName, "")}\n\n| Key | Default | Meaning |\n|---|---|---|\n");
        var nested = new List<(string Path, object Options)>();
        foreach (var property in OptionsBinder.PropertiesOf(type))
        {
            var meaning = documentation.GetValueOrDefault($"P:{type.FullName}.{property.Name}", "");
            if (OptionValues.IsPlain(property.PropertyType))
            {
                var value = OptionValues.Write(property.GetValue(options), property.Name);
                text.Append(CultureInfo.InvariantCulture, $"| `{property.Name}` | {(value.Length == 0 ? "none" : $"`{value}`")} | {meaning} |\n");
            }
            else if (property.GetValue(options) is IList<string>)
            {
                text.Append(CultureInfo.InvariantCulture, $"| `{property.Name}` | none | {meaning} A list, or text with commas. |\n");
            }
            else if (property.GetValue(options) is IDictionary<string, string>)
            {
                text.Append(CultureInfo.InvariantCulture, $"| `{property.Name}:NAME` | none | {meaning} |\n");
            }
            else if (property.PropertyType.GetGenericArguments() is [_, var valueType])
            {
                nested.Add(($"{path}:{property.Name}:NAME", Activator.CreateInstance(valueType)!));
            }
            else
            {
                nested.Add(($"{path}:{property.Name}", property.GetValue(options)!));
            }
        }

        foreach (var (section, value) in nested)
        {
            Write(text, section, value, documentation);
        }
    }

    /// <summary>Documentation as Markdown: <c>&lt;c&gt;</c> is code, references are names.</summary>
    private static string Plain(XElement? summary)
    {
        if (summary is null)
        {
            return "";
        }

        var text = string.Concat(summary.Nodes().Select(node => node switch
        {
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement { Name.LocalName: "see" } see => $"`{see.Attribute("cref")!.Value.Split('.')[^1]}`",
            XElement other => other.Value,
            _ => node.ToString(SaveOptions.DisableFormatting),
        }));
        return Blanks().Replace(text, " ").Trim().Replace("&lt;", "<", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
