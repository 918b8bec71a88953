namespace LogPipeline.Core.Configuration;

/// <summary>Environment variables that have names of their own, because other tools use them too.</summary>
/// <remarks>They never flip a switch. <c>LogPipeline__Http__Port</c> and the like stand for any other key and win over these.</remarks>
internal static class KnownVariables
{
    /// <summary>A variable and the key that it sets.</summary>
    /// <param name="Name">Name of the variable.</param>
    /// <param name="Key">Key below <c>LogPipeline</c>.</param>
    internal sealed record Variable(string Name, string Key)
    {
        /// <summary>Whether it says where a tool is installed, for whoever uses it, and nothing about this host.</summary>
        public bool IsInstallation => Name is "SPARK_HOME" or "JAVA_HOME";
    }

    /// <summary>All of them. Two with one key are two names for one thing.</summary>
    public static IReadOnlyList<Variable> All { get; } =
    [
        new("LOGPIPELINE_HOME", "DataFolder"),
        new("DELTA_LAKE_PATH", "Lake:Path"),
        new("PORT", "Http:Port"),
        new("API_PORT", "Http:Port"),
        new("KAFKA_BROKERS", "Kafka:Brokers"),
        new("KAFKA_BOOTSTRAP_SERVERS", "Kafka:Brokers"),
        new("KAFKA_TOPIC", "Streams:web-logs:Topic"),
        new("KAFKA_GROUP_ID", "Kafka:GroupId"),
        new("SPARK_HOME", "Spark:Home"),
        new("JAVA_HOME", "Spark:JavaHome"),
        new("SPARK_MASTER", "Spark:Master"),
        new("SPARK_UI_ENABLED", "Spark:UiEnabled"),
        new("SPARK_UI_PORT", "Spark:UiPort"),
        new("SPARK_PORT_MAX_RETRIES", "Spark:PortMaxRetries"),
        new("SPARK_LOCAL_IP", "Spark:LocalIp"),
        new("SPARK_CONNECT_AUTHENTICATE_TOKEN", "Spark:Token"),
    ];

    /// <summary>Turns the variables of one source (the environment, or <c>.env</c>) into keys.</summary>
    /// <param name="source">Name of the source, for messages.</param>
    /// <param name="variables">Its variables.</param>
    /// <param name="problems">Takes what contradicts itself.</param>
    public static Dictionary<string, string?> Translate(string source, IReadOnlyDictionary<string, string> variables, ICollection<ConfigurationProblem> problems)
    {
        var keys = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var group in All.Where(variable => !string.IsNullOrWhiteSpace(variables.GetValueOrDefault(variable.Name))).GroupBy(variable => variable.Key))
        {
            var set = group.ToList();
            if (set.Count == 2 && variables[set[0].Name] != variables[set[1].Name])
            {
                problems.Add(new(set[0].Name, $"{set[0].Name}={variables[set[0].Name]} and {set[1].Name}={variables[set[1].Name]} ({source}) mean the same setting; remove one of them"));
            }

            keys["LogPipeline:" + group.Key] = variables[set[0].Name];
        }

        foreach (var (name, value) in variables)
        {
            if (name.StartsWith("LogPipeline__", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Logging__", StringComparison.OrdinalIgnoreCase))
            {
                keys[name.Replace("__", ":", StringComparison.Ordinal)] = value;
            }
        }

        return keys;
    }
}
