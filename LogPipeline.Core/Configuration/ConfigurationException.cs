namespace LogPipeline.Core.Configuration;

/// <summary>One thing that is wrong in the configuration.</summary>
/// <param name="Key">Key or variable, such as <c>LogPipeline:Http:Port</c>.</param>
/// <param name="Message">What is wrong and how to repair it.</param>
public sealed record ConfigurationProblem(string Key, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Key}: {Message}";
}

/// <summary>The host cannot start as it is configured; the message lists every problem.</summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>Makes one without problems.</summary>
    public ConfigurationException()
    {
    }

    /// <summary>Makes one with a message.</summary>
    public ConfigurationException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a message and its cause.</summary>
    public ConfigurationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes one of every problem found.</summary>
    public ConfigurationException(IReadOnlyList<ConfigurationProblem> problems)
        : base($"The configuration has {(problems.Count == 1 ? "a problem" : $"{problems.Count} problems")}:{Environment.NewLine}"
            + string.Join(Environment.NewLine, problems.Select(problem => "  " + problem)))
    {
        Problems = problems;
    }

    /// <summary>The problems.</summary>
    public IReadOnlyList<ConfigurationProblem> Problems { get; } = [];
}
