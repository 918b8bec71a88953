using System.Globalization;
using LogPipeline.Core.Configuration;

namespace LogPipeline.Web.Rest;

/// <summary>Reads the query parameters of a request and collects everything that is wrong with them.</summary>
internal sealed class QueryReader
{
    private const int LongestText = 1000;

    private readonly IQueryCollection query;
    private readonly ApiParameters parameters;
    private readonly List<(string Field, string Message)> errors = [];

    public QueryReader(HttpContext context)
    {
        query = context.Request.Query;
        parameters = context.GetEndpoint()?.Metadata.GetMetadata<ApiParameters>() ?? new ApiParameters();
        foreach (var name in query.Keys)
        {
            if (!Array.Exists(parameters.All, one => Matches(one, name)))
            {
                var meant = Spelling.Closest(name, parameters.All.Select(one => one.Name));
                errors.Add((name, meant is null ? "is not a parameter of this path" : $"is not a parameter of this path; did you mean {meant}?"));
            }
        }
    }

    /// <summary>Names and values of parameters that begin with a prefix.</summary>
    public IEnumerable<(string Name, string Value)> WithPrefix(string prefix) =>
        query.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)).SelectMany(pair => pair.Value.OfType<string>().Select(value => (pair.Key, value)));

    /// <summary>Every value of a text parameter: repeated ones, and those between commas of a list.</summary>
    public IEnumerable<string> Texts(string name, bool isList) =>
        query[name].OfType<string>().SelectMany(value => isList ? value.Split(',', StringSplitOptions.TrimEntries) : [value]);

    /// <summary>A text, or null.</summary>
    public string? Text(string name)
    {
        var text = One(name);
        if (text?.Length > LongestText)
        {
            errors.Add((name, $"is longer than {LongestText} characters"));
        }

        return text;
    }

    /// <summary>A whole number within the parameter's limits.</summary>
    public int Whole(string name)
    {
        var rule = Array.Find(parameters.All, one => one.Name == name)!;
        if (One(name) is not { } text)
        {
            return (int)(rule.Default ?? 0);
        }

        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) || number < rule.Least || number > rule.Greatest)
        {
            errors.Add((name, $"'{text}' is not a whole number from {rule.Least} to {rule.Greatest}"));
            return (int)(rule.Default ?? 0);
        }

        return (int)number;
    }

    /// <summary>A time, or null.</summary>
    public DateTimeOffset? Instant(string name)
    {
        if (One(name) is not { } text)
        {
            return null;
        }

        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) && text.Length >= 10)
        {
            return instant;
        }

        errors.Add((name, $"'{text}' is not a time such as 2026-11-23T14:00:00Z"));
        return null;
    }

    /// <summary>A duration between limits, or a default.</summary>
    public TimeSpan Duration(string name, TimeSpan absent, TimeSpan least, TimeSpan greatest)
    {
        if (One(name) is not { } text)
        {
            return absent;
        }

        if (OptionValues.ReadDuration(text) is { } duration && duration >= least && duration <= greatest)
        {
            return duration;
        }

        errors.Add((name, $"'{text}' is not a duration from {OptionValues.Write(least, name)} to {OptionValues.Write(greatest, name)}, such as 15min"));
        return absent;
    }

    /// <summary>Whether a switch is on.</summary>
    public bool Switch(string name)
    {
        if (One(name) is not { } text)
        {
            return false;
        }

        if (OptionValues.TryRead(text, typeof(bool), name, out var value))
        {
            return (bool)value!;
        }

        errors.Add((name, $"'{text}' is not true or false"));
        return false;
    }

    /// <summary>Takes an error that a handler found.</summary>
    public void Wrong(string name, string message) => errors.Add((name, message));

    /// <summary>Refuses the request when anything was wrong.</summary>
    /// <exception cref="ProblemException">Something was.</exception>
    public void Check()
    {
        if (errors.Count > 0)
        {
            throw new ProblemException(400, "A parameter is wrong", string.Join("; ", errors.Select(error => $"{error.Field} {error.Message}"))) { Errors = errors };
        }
    }

    private static bool Matches(ApiParameter one, string name) =>
        one.Name.EndsWith(".*", StringComparison.Ordinal) ? name.StartsWith(one.Name[..^1], StringComparison.Ordinal) && name.Length >= one.Name.Length : one.Name == name || (one.Kind == ParameterKind.Text && name == one.Name + "!" && one.Description.Contains("!=", StringComparison.Ordinal));

    private string? One(string name)
    {
        var values = query[name];
        if (values.Count > 1)
        {
            errors.Add((name, "is given more than once"));
        }

        return values.Count == 0 || string.IsNullOrEmpty(values[0]) ? null : values[0];
    }
}
