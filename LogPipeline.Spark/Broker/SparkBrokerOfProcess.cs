using LogPipeline.Core.Configuration;
using LogPipeline.Spark.Connect;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LogPipeline.Spark.Broker;

public sealed partial class SparkBroker
{
    private static readonly Lock ProcessGate = new();
    private static SparkBroker? ofProcess;
    private static ServiceProvider? services;

    /// <summary>
    /// The process's one session: the host's own when this is a host, and otherwise one that the first call makes, configured by the
    /// environment (<c>SPARK_HOME</c>, <c>JAVA_HOME</c>, <c>SPARK_MASTER</c> and the like). When a host runs on <c>LOGPIPELINE_HOME</c>
    /// or <c>./logpipeline-data</c>, its Spark is used.
    /// </summary>
    /// <param name="appName">Name of the application on Spark's own pages.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SparkServerException">Java, Spark or Delta Lake is missing, or the server does not start; the message says what to do.</exception>
    public static async Task<SparkSession> GetSpark(string appName = "logpipeline", CancellationToken cancellationToken = default)
    {
        SparkBroker broker;
        lock (ProcessGate)
        {
            broker = ofProcess ??= FromEnvironment();
        }

        return await broker.GetSessionAsync(appName, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the process's session, and the Spark that it started. A later <see cref="GetSpark"/> starts again.</summary>
    public static async Task StopSpark()
    {
        SparkBroker? broker;
        ServiceProvider? made;
        lock (ProcessGate)
        {
            broker = ofProcess;
            made = services;
            services = null;
        }

        await (broker?.StopAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        if (made is not null)
        {
            await made.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Makes a broker the process's own, unless it has one.</summary>
    internal static SparkBroker Publish(SparkBroker broker)
    {
        lock (ProcessGate)
        {
            return ofProcess ??= broker;
        }
    }

    private static void Withdraw(SparkBroker broker)
    {
        lock (ProcessGate)
        {
            ofProcess = ReferenceEquals(ofProcess, broker) ? null : ofProcess;
        }
    }

    private static SparkBroker FromEnvironment()
    {
        var options = new SparkOptions();
        foreach (var variable in KnownVariables.All.Where(variable => variable.Key.StartsWith("Spark:", StringComparison.Ordinal)))
        {
            var property = typeof(SparkOptions).GetProperty(variable.Key["Spark:".Length..])!;
            if (Environment.GetEnvironmentVariable(variable.Name) is { Length: > 0 } text && OptionValues.TryRead(text, property.PropertyType, property.Name, out var value))
            {
                property.SetValue(options, value);
            }
        }

        if (new SparkOptionsValidator().Validate(null, options) is { Failed: true } invalid)
        {
            throw new SparkServerException(string.Join(Environment.NewLine, invalid.Failures));
        }

        var state = Path.Combine(Path.GetFullPath(Environment.GetEnvironmentVariable("LOGPIPELINE_HOME") is { Length: > 0 } home ? home : "logpipeline-data"), "state");
        options.StateFolder = Directory.Exists(state)
            ? state
            : Directory.CreateTempSubdirectory("logpipeline-spark-").FullName;
        services = new ServiceCollection().AddLogging().AddMetrics().AddSingleton(Options.Create(options)).AddSpark().BuildServiceProvider();
        return services.GetRequiredService<SparkBroker>();
    }
}
