using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using LogPipeline.Spark.Connect;
using Xunit;

namespace LogPipeline.Tests.Engines;

/// <summary>
/// A real Spark Connect server from SPARK_HOME, with everything that it writes in a temporary folder. Its parent is a small shell that kills
/// it when the shell's standard input closes, so it also ends when the test process is killed.
/// </summary>
public sealed class SparkConnectProcess : IAsyncDisposable
{
    private const string Shell = """
        log=$1; shift
        exec 3<&0 2>/dev/null
        "$@" </dev/null 3<&- >>"$log" 2>&1 &
        server=$!
        { cat <&3 >/dev/null; kill -9 $server; } >&2 &
        echo $server
        wait $server
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly string[] Opens =
    [
        "java.base/java.lang", "java.base/java.lang.invoke", "java.base/java.lang.reflect", "java.base/java.io", "java.base/java.net", "java.base/java.nio", "java.base/java.util",
        "java.base/java.util.concurrent", "java.base/java.util.concurrent.atomic", "java.base/jdk.internal.ref", "java.base/sun.nio.ch", "java.base/sun.nio.cs",
        "java.base/sun.security.action", "java.base/sun.util.calendar", "java.security.jgss/sun.security.krb5",
    ];

    private readonly IReadOnlyDictionary<string, string> configuration;
    private readonly bool recordsClasses;
    private Process? shell;

    private SparkConnectProcess(IReadOnlyDictionary<string, string> configuration, bool recordsClasses)
    {
        this.configuration = configuration;
        this.recordsClasses = recordsClasses;
        Folder = Directory.CreateTempSubdirectory("logpipeline-spark-").FullName;
        Port = FreePort();
        Token = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
    }

    /// <summary>Everything that the server writes, and a place for tables of tests.</summary>
    public string Folder { get; }

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>The token that it wants.</summary>
    public string Token { get; }

    /// <summary>Its address for a client.</summary>
    public string Remote => RemoteAt(Port);

    /// <summary>Settings of a host that has its tables written by this server. The embedded engine answers: tables of other hosts here have the same names.</summary>
    public string[] WriterSettings =>
    [
        "Engine=Spark", "Query:Engine=Embedded", string.Create(CultureInfo.InvariantCulture, $"Spark:Master=sc://127.0.0.1:{Port}"), $"Spark:Token={Token}", "Spark:StartTimeout=10m",
        "Spark:Streaming:DeadLetterInterval=10s",
    ];

    /// <summary>Process id of the Java process.</summary>
    public int Id { get; private set; }

    /// <summary>What it has logged so far.</summary>
    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    private string LogFile => Path.Combine(Folder, "server.log");

    /// <summary>Skips the test where there is no Spark.</summary>
    public static void SkipUnlessInstalled() =>
        Assert.SkipWhen(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("SPARK_HOME")), "SPARK_HOME is not set");

    /// <summary>Starts a server of the test's own, with further configuration of Spark, and waits until it answers.</summary>
    /// <param name="configuration">What differs from the configuration of the tests.</param>
    /// <param name="recordsClasses">Whether <see cref="JavaOfTests.ShareClassesAsync"/> can be asked for its classes.</param>
    public static async Task<SparkConnectProcess> StartAsync(IReadOnlyDictionary<string, string>? configuration = null, bool recordsClasses = false)
    {
        SkipUnlessInstalled();
        var server = new SparkConnectProcess(configuration ?? new Dictionary<string, string>(), recordsClasses);
        try
        {
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Its address through another port, such as that of a proxy.</summary>
    public string RemoteAt(int port) => string.Create(CultureInfo.InvariantCulture, $"sc://127.0.0.1:{port}/;token={Token};user_id=tests");

    /// <summary>A new session.</summary>
    public async Task<SparkSession> ConnectAsync() =>
        await SparkSession.Builder().Remote(Remote).AppName("tests").CreateAsync(TestContext.Current.CancellationToken);

    /// <summary>A folder for one test, below <see cref="Folder"/>.</summary>
    public string NewFolder() => Directory.CreateDirectory(Path.Combine(Folder, "tests", Guid.NewGuid().ToString("n"))).FullName;

    /// <summary>Starts it, again after <see cref="KillAsync"/>, on the same port, and waits until it answers.</summary>
    public async Task StartAgainAsync()
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", Shell, "sh", LogFile, .. Command()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = Folder,
        };
        start.Environment["SPARK_CONNECT_AUTHENTICATE_TOKEN"] = Token;
        start.Environment["SPARK_LOCAL_IP"] = "127.0.0.1";
        start.Environment.Remove("SPARK_REMOTE");
        start.Environment.Remove("SPARK_CONNECT_MODE");
        shell = Process.Start(start)!;
        Id = int.Parse((await shell.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        await UntilReadyAsync();
    }

    /// <summary>Kills the server with SIGKILL.</summary>
    public async Task KillAsync()
    {
        shell!.StandardInput.Close();
        await shell.WaitForExitAsync();
        shell.Dispose();
        shell = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (shell is not null)
        {
            await KillAsync();
        }

        try
        {
            Directory.Delete(Folder, recursive: true);
        }
        catch (IOException)
        {
            // The system empties its temporary folder some day.
        }
    }

    private IEnumerable<string> Command()
    {
        var settings = new Dictionary<string, string>
        {
            ["spark.master"] = "local[2]",
            ["spark.app.name"] = "logpipeline-tests",
            ["spark.driver.host"] = "127.0.0.1",
            ["spark.driver.bindAddress"] = "127.0.0.1",
            ["spark.ui.enabled"] = "false",
            ["spark.sql.extensions"] = "io.delta.sql.DeltaSparkSessionExtension",
            ["spark.sql.catalog.spark_catalog"] = "org.apache.spark.sql.delta.catalog.DeltaCatalog",
            ["spark.connect.grpc.binding.address"] = "127.0.0.1",
            ["spark.connect.grpc.binding.port"] = Port.ToString(CultureInfo.InvariantCulture),
            ["spark.connect.session.manager.defaultSessionTimeout"] = "-1",
            ["spark.connect.progress.reportInterval"] = "200ms",
            ["spark.sql.shuffle.partitions"] = "2",
            ["spark.sql.session.timeZone"] = "UTC",
            ["spark.sql.parquet.outputTimestampType"] = "TIMESTAMP_MICROS",
            ["spark.databricks.delta.snapshotPartitions"] = "2",
            ["spark.sql.warehouse.dir"] = Path.Combine(Folder, "warehouse"),
            ["spark.local.dir"] = Path.Combine(Folder, "local"),
            ["derby.system.home"] = Path.Combine(Folder, "derby"),
            ["java.io.tmpdir"] = Directory.CreateDirectory(Path.Combine(Folder, "tmp")).FullName,
        };
        foreach (var (key, value) in configuration)
        {
            settings[key] = value;
        }

        return
        [
            "java", "-XX:+IgnoreUnrecognizedVMOptions", .. recordsClasses ? ["-XX:+RecordDynamicDumpInfo"] : Array.Empty<string>(), "-Xmx2g", "--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
            "-Dio.netty.tryReflectionSetAccessible=true", "-Djdk.reflect.useDirectMethodHandle=false",
            .. Opens.Select(package => $"--add-opens={package}=ALL-UNNAMED"),
            .. settings.Select(setting => $"-D{setting.Key}={setting.Value}"),
            "-cp", Path.Combine(Environment.GetEnvironmentVariable("SPARK_HOME")!, "jars", "*"),
            "org.apache.spark.sql.connect.service.SparkConnectServer",
        ];
    }

    private async Task UntilReadyAsync()
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var session = await SparkSession.Builder().Remote(Remote).Retry(RetryPolicy.None).CreateAsync();
                return;
            }
            catch (SparkConnectionException notYet)
            {
                Assert.False(shell!.HasExited, $"The Spark server ended before it was ready:\n{Log}");
                Assert.True(watch.Elapsed < Patience, $"The Spark server was not ready in time: {notYet.Message}\n{Log}");
            }

            await Task.Delay(100);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
