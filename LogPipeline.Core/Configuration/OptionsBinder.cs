using System.Collections;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace LogPipeline.Core.Configuration;

/// <summary>Fills options from configuration and collects everything that is wrong instead of stopping at the first.</summary>
/// <remarks>An options class has settable properties of plain values, nested options classes, lists of text, settings that are passed on (names and text), and dictionaries by name.</remarks>
internal sealed class OptionsBinder(IConfiguration configuration)
{
    private readonly List<ConfigurationProblem> problems = [];
    private readonly HashSet<string> known = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(string Section, List<string> Names)> openSections = [];

    public IReadOnlyList<ConfigurationProblem> Problems => problems;

    /// <summary>Fills an options object from its section.</summary>
    public void Bind(string section, object options)
    {
        _ = known.Add(section);
        var names = new List<string>();
        foreach (var property in PropertiesOf(options.GetType()))
        {
            var key = $"{section}:{property.Name}";
            names.Add(property.Name);
            _ = known.Add(key);
            var part = configuration.GetSection(key);
            if (OptionValues.IsPlain(property.PropertyType))
            {
                BindPlain(part, property, options);
            }
            else if (property.GetValue(options) is IDictionary<string, string> settings)
            {
                BindSettings(part, settings);
            }
            else if (property.GetValue(options) is IDictionary dictionary)
            {
                BindDictionary(part, dictionary, property.PropertyType.GetGenericArguments()[1]);
            }
            else if (property.GetValue(options) is IList<string> list)
            {
                BindList(part, list);
            }
            else if (property.GetValue(options) is { } nested)
            {
                if (!string.IsNullOrEmpty(part.Value))
                {
                    problems.Add(new(key, $"is a section; set one of its keys, such as {key}:{PropertiesOf(nested.GetType()).First().Name}"));
                }

                Bind(key, nested);
            }
        }

        openSections.Add((section, names));
    }

    /// <summary>Reports keys below a section that no options class has.</summary>
    public void ReportUnknown(string section)
    {
        foreach (var child in configuration.GetSection(section).GetChildren())
        {
            if (known.Contains(child.Path))
            {
                if (openSections.Exists(open => string.Equals(open.Section, child.Path, StringComparison.OrdinalIgnoreCase)))
                {
                    ReportUnknown(child.Path);
                }

                continue;
            }

            var siblings = openSections.Where(open => string.Equals(open.Section, section, StringComparison.OrdinalIgnoreCase)).SelectMany(open => open.Names)
                .Concat(openSections.Where(open => open.Section.StartsWith(section + ":", StringComparison.OrdinalIgnoreCase))
                    .Select(open => open.Section[(section.Length + 1)..]).Where(name => !name.Contains(':', StringComparison.Ordinal)))
                .Distinct(StringComparer.OrdinalIgnoreCase).ToList();
            var meant = Spelling.Closest(child.Key, siblings);
            problems.Add(new(child.Path, meant is null
                ? $"is not a key; {section} has {string.Join(", ", siblings.Order(StringComparer.Ordinal))}"
                : $"is not a key; did you mean {section}:{meant}?"));
        }
    }

    internal static IEnumerable<PropertyInfo> PropertiesOf(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0
                && (property.SetMethod is { IsPublic: true } || !OptionValues.IsPlain(property.PropertyType)))
            .OrderBy(property => property.MetadataToken);

    private void BindPlain(IConfigurationSection part, PropertyInfo property, object options)
    {
        if (part.GetChildren().Any())
        {
            problems.Add(new(part.Path, $"takes {OptionValues.Describe(property.PropertyType, property.Name)}, not a section"));
        }
        else if (part.Value is { } text && !(text.Length == 0 && property.PropertyType == typeof(string)))
        {
            if (OptionValues.TryRead(text, property.PropertyType, property.Name, out var value))
            {
                property.SetValue(options, value);
            }
            else
            {
                problems.Add(new(part.Path, $"'{text}' is not {OptionValues.Describe(property.PropertyType, property.Name)}"));
            }
        }
    }

    private void BindDictionary(IConfigurationSection part, IDictionary dictionary, Type valueType)
    {
        openSections.Add((part.Path, []));
        foreach (var child in part.GetChildren())
        {
            var value = dictionary.Contains(child.Key) ? dictionary[child.Key]! : Activator.CreateInstance(valueType)!;
            Bind(child.Path, value);
            dictionary[child.Key] = value;
        }
    }

    /// <summary>Settings that are passed on: their names are another program's.</summary>
    private void BindSettings(IConfigurationSection part, IDictionary<string, string> settings)
    {
        foreach (var child in part.GetChildren())
        {
            if (child.Value is { } value)
            {
                settings[child.Key] = value;
            }
            else
            {
                problems.Add(new(child.Path, "takes text, not a section"));
            }
        }
    }

    private static void BindList(IConfigurationSection part, IList<string> list)
    {
        var items = part.Value is { } line
            ? line.Split([',', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : [.. part.GetChildren().Select(child => child.Value).OfType<string>()];
        if (items.Length > 0)
        {
            list.Clear();
            foreach (var item in items)
            {
                list.Add(item);
            }
        }
    }
}
