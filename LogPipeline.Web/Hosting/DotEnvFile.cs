using LogPipeline.Core.Configuration;

namespace LogPipeline.Web.Hosting;

/// <summary>Reads the <c>.env</c> file of the working folder.</summary>
internal static class DotEnvFile
{
    /// <summary>Its variables; none when there is no file.</summary>
    public static IReadOnlyDictionary<string, string> Read(string path, ICollection<ConfigurationProblem> problems)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!File.Exists(path))
        {
            return variables;
        }

        try
        {
            foreach (var (name, value) in DotNetEnv.Env.NoEnvVars().Load(path))
            {
                variables[name] = value;
            }
        }
        catch (Exception error) when (error is Sprache.ParseException or IOException or UnauthorizedAccessException)
        {
            problems.Add(new(".env", $"cannot be read: {error.Message}; each line is NAME=value"));
        }

        return variables;
    }
}
