using System.Globalization;
using System.Text;

namespace LogPipeline.Spark.Broker;

/// <summary>How a Connect server is started: Java itself on Spark's jars, without Spark's scripts.</summary>
/// <remarks>
/// Settings stand in a file of arguments that only its owner reads, because other users see a command line. The token is an
/// environment variable for the same reason. The server, its driver and its pages bind <see cref="SparkOptions.LocalIp"/>; Spark's
/// own default for the pages is every address.
/// </remarks>
internal static class SparkServerCommand
{
    public const string MainClass = "org.apache.spark.sql.connect.service.SparkConnectServer";

    /// <summary>Sessions that give no sign of life for this long end with their streaming queries: those of a host that was killed. Ours give one each <see cref="SparkOptions.Heartbeat"/>.</summary>
    private const string SessionTimeout = "10m";

    private static readonly string[] OpenedPackages =
    [
        "java.base/java.lang", "java.base/java.lang.invoke", "java.base/java.lang.reflect", "java.base/java.io", "java.base/java.net", "java.base/java.nio",
        "java.base/java.util", "java.base/java.util.concurrent", "java.base/java.util.concurrent.atomic", "java.base/jdk.internal.ref",
        "java.base/sun.nio.ch", "java.base/sun.nio.cs", "java.base/sun.security.action", "java.base/sun.util.calendar", "java.security.jgss/sun.security.krb5",
    ];

    /// <summary>What the server writes: warnings and errors, and where its pages are. Errors of requests go to who asked, and are no line of the log.</summary>
    public const string LogSettings = """
        rootLogger.level = warn
        rootLogger.appenderRef.out.ref = out
        logger.requests.name = org.apache.spark.sql.connect.utils.ErrorUtils
        logger.requests.level = off
        appender.out.type = Console
        appender.out.name = out
        appender.out.target = SYSTEM_OUT
        appender.out.layout.type = PatternLayout
        appender.out.layout.pattern = %d{yyyy-MM-dd HH:mm:ss.SSS} %p %c{1}: %m%n%ex
        """;

    /// <summary>Jobs share the cores task by task. In Spark's own default a query with many tasks takes them all first, and a streaming batch waits for its end.</summary>
    public const string Scheduler = """
        <?xml version="1.0"?>
        <allocations>
          <pool name="default">
            <schedulingMode>FAIR</schedulingMode>
          </pool>
        </allocations>
        """;

    /// <summary>Settings of Spark, those of the configuration on top.</summary>
    /// <remarks>Free ports were chosen already: a server that finds one taken meanwhile ends and is started with others, instead of serving where nobody looks.</remarks>
    public static IReadOnlyDictionary<string, string> Settings(SparkOptions options, SparkMaster master, SparkServerFolder folder, string appName, int port, int? uiPort)
    {
        var cores = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture);
        var settings = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["spark.master"] = master.Text,
            ["spark.app.name"] = appName,
            ["spark.driver.host"] = options.LocalIp,
            ["spark.driver.bindAddress"] = options.LocalIp,
            ["spark.local.dir"] = folder.Temporary,
            ["spark.sql.warehouse.dir"] = folder.Warehouse,
            ["spark.sql.catalogImplementation"] = "in-memory",
            ["spark.sql.extensions"] = "io.delta.sql.DeltaSparkSessionExtension",
            ["spark.sql.catalog.spark_catalog"] = "org.apache.spark.sql.delta.catalog.DeltaCatalog",
            ["spark.connect.grpc.binding.address"] = options.LocalIp,
            ["spark.connect.grpc.binding.port"] = port.ToString(CultureInfo.InvariantCulture),
            ["spark.connect.grpc.port.maxRetries"] = "0",
            ["spark.port.maxRetries"] = "0",
            ["spark.connect.session.manager.defaultSessionTimeout"] = SessionTimeout,
            ["spark.scheduler.mode"] = "FAIR",
            ["spark.scheduler.allocation.file"] = new Uri(folder.Scheduler).AbsoluteUri,
            ["spark.sql.session.timeZone"] = "UTC",
            ["spark.sql.parquet.outputTimestampType"] = "TIMESTAMP_MICROS",
            ["spark.sql.shuffle.partitions"] = cores,
            ["spark.databricks.delta.snapshotPartitions"] = cores,
            ["spark.ui.enabled"] = uiPort is null ? "false" : "true",
            ["spark.ui.showConsoleProgress"] = "false",
        };
        if (uiPort is { } ui)
        {
            settings["spark.ui.port"] = ui.ToString(CultureInfo.InvariantCulture);
        }

        foreach (var (name, value) in options.Conf)
        {
            settings[name] = value;
        }

        return settings;
    }

    /// <summary>The file of arguments of <c>java</c>.</summary>
    public static string Arguments(SparkOptions options, SparkInstallation installation, SparkServerFolder folder, IReadOnlyDictionary<string, string> settings)
    {
        var text = new StringBuilder();
        Add("-XX:+IgnoreUnrecognizedVMOptions");
        Add(string.Create(CultureInfo.InvariantCulture, $"-Xmx{options.MemoryBytes >> 20}m"));
        Add("-XX:+ExitOnOutOfMemoryError");
        Add($"-XX:ErrorFile={Path.Combine(folder.Home, "hs_err_%p.log")}");
        Add("--add-modules=jdk.incubator.vector");
        Add("--enable-native-access=ALL-UNNAMED");
        foreach (var package in OpenedPackages)
        {
            Add($"--add-opens={package}=ALL-UNNAMED");
        }

        Add("-Dio.netty.tryReflectionSetAccessible=true");
        Add("-Djdk.reflect.useDirectMethodHandle=false");
        Add($"-Djava.io.tmpdir={folder.Temporary}");
        Add($"-Dlog4j2.configurationFile={new Uri(folder.LogSettings).AbsoluteUri}");
        Add("-cp");
        Add(string.Join(Path.PathSeparator, options.Jars.Select(jar => Directory.Exists(jar) ? Path.Combine(Path.GetFullPath(jar), "*") : Path.GetFullPath(jar)).Prepend(Path.Combine(installation.Jars, "*"))));
        foreach (var (name, value) in settings)
        {
            Add($"-D{name}={value}");
        }

        return text.ToString();

        // A quoted argument of a line: backslash escapes.
        void Add(string argument) =>
            text.Append('"').Append(argument.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
                .Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append("\"\n");
    }
}
