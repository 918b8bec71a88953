using System.Globalization;
using System.Text.RegularExpressions;

namespace LogPipeline.Spark.Broker;

/// <summary>What this machine has to run a Connect server with.</summary>
/// <param name="Java">The <c>java</c> command.</param>
/// <param name="JavaVersion">Its feature release, such as 17.</param>
/// <param name="Jars">Folder of Spark's jars.</param>
/// <param name="SparkVersion">Such as <c>4.2.0</c>.</param>
/// <param name="DeltaVersion">Such as <c>4.4.0</c>.</param>
internal sealed partial record SparkInstallation(string Java, int JavaVersion, string Jars, string SparkVersion, string DeltaVersion)
{
    /// <summary>Oldest release of Java that Spark 4 runs on.</summary>
    public const int OldestJava = 17;

    private const string GetJava = "install Java 17 (Debian and Ubuntu: apt-get install openjdk-17-jre-headless; others: https://adoptium.net) and set JAVA_HOME to its folder, or put java on the path";
    private const string GetSpark = "unpack a Spark 4 distribution (https://spark.apache.org/downloads.html) and set SPARK_HOME to its folder";
    private const string OrRemote = "or attach to a Spark Connect server with LogPipeline:Spark:Master=sc://host:15002; Engine=Embedded needs neither";

    /// <summary>Looks for everything that is needed.</summary>
    /// <param name="options">Where to look.</param>
    /// <param name="path">The variable <c>PATH</c>, for <c>java</c>.</param>
    /// <param name="problems">Takes all that is missing, each with its key and what to install.</param>
    /// <returns>The installation, or null when something is missing.</returns>
    public static SparkInstallation? Find(SparkOptions options, string? path, ICollection<string> problems)
    {
        var java = FindJava(options, path, problems, out var javaVersion);
        var spark = FindSpark(options, problems);
        return java is null || spark is not { } found ? null : new SparkInstallation(java, javaVersion, found.Jars, found.Spark, found.Delta);
    }

    private static string? FindJava(SparkOptions options, string? path, ICollection<string> problems, out int version)
    {
        version = 0;
        var name = OperatingSystem.IsWindows() ? "java.exe" : "java";
        var command = options.JavaHome is { Length: > 0 } home
            ? Path.Combine(home, "bin", name)
            : (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        if (command is null || !File.Exists(command))
        {
            problems.Add(options.JavaHome is { Length: > 0 }
                ? $"LogPipeline:Spark:JavaHome {options.JavaHome} has no bin/java: {GetJava}."
                : $"LogPipeline:Spark:JavaHome is not set and there is no java on the path: {GetJava}; {OrRemote}.");
            return null;
        }

        version = VersionOf(command);
        if (version is > 0 and < OldestJava)
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"LogPipeline:Spark:JavaHome: {command} is Java {version}, and Spark needs {OldestJava} or later: {GetJava}."));
            return null;
        }

        return command;
    }

    /// <summary>Reads <c>release</c> beside <c>bin</c>, such as <c>JAVA_VERSION="17.0.15"</c>; 0 when there is none, as in some packages.</summary>
    private static int VersionOf(string java)
    {
        try
        {
            var real = File.ResolveLinkTarget(java, returnFinalTarget: true)?.FullName ?? java;
            var release = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(real)!)!, "release");
            var match = File.Exists(release) ? JavaVersionLine().Match(File.ReadAllText(release)) : Match.Empty;
            return match.Success ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static (string Jars, string Spark, string Delta)? FindSpark(SparkOptions options, ICollection<string> problems)
    {
        if (options.Home is not { Length: > 0 } home)
        {
            problems.Add($"LogPipeline:Spark:Home is not set: {GetSpark}; {OrRemote}.");
            return null;
        }

        var jars = Path.Combine(Path.GetFullPath(home), "jars");
        if (!Directory.Exists(jars))
        {
            problems.Add($"LogPipeline:Spark:Home {home} has no folder jars: {GetSpark}.");
            return null;
        }

        var names = Directory.EnumerateFiles(jars, "*.jar").Concat(options.Jars.SelectMany(JarsOf)).Select(Path.GetFileName).ToList();
        var spark = VersionIn(names, SparkJar());
        if (spark is null || int.Parse(spark.Split('.')[0], CultureInfo.InvariantCulture) < 4)
        {
            problems.Add($"LogPipeline:Spark:Home {home} holds {(spark is null ? "no spark-core jar" : "Spark " + spark)}, and Spark Connect is needed as of Spark 4: {GetSpark}.");
            return null;
        }

        var missing = new List<string>();
        Need(ConnectJar(), "spark-connect_2.13");
        Need(DeltaJar(), "delta-spark_2.13");
        Need(DeltaStorageJar(), "delta-storage");
        if (missing.Count > 0)
        {
            problems.Add($"LogPipeline:Spark:Home {home} (Spark {spark}) lacks {string.Join(", ", missing)}: copy the jars of Delta Lake for Spark {spark} "
                + "(https://docs.delta.io, Maven group io.delta, with their dependencies) into its folder jars, or name their folder in LogPipeline:Spark:Jars.");
            return null;
        }

        return (jars, spark, VersionIn(names, DeltaJar())!);

        void Need(Regex jar, string name)
        {
            if (VersionIn(names, jar) is null)
            {
                missing.Add(name);
            }
        }
    }

    /// <summary>The jars that an entry of <see cref="SparkOptions.Jars"/> names.</summary>
    private static IEnumerable<string> JarsOf(string entry) =>
        Directory.Exists(entry) ? Directory.EnumerateFiles(entry, "*.jar") : [entry];

    private static string? VersionIn(IEnumerable<string?> names, Regex jar) =>
        names.Select(name => jar.Match(name ?? "")).FirstOrDefault(match => match.Success)?.Groups[1].Value;

    [GeneratedRegex("JAVA_VERSION=\"([0-9]+)")]
    private static partial Regex JavaVersionLine();

    [GeneratedRegex(@"^spark-core_[0-9.]+-([0-9][0-9A-Za-z.\-]*)\.jar$")]
    private static partial Regex SparkJar();

    [GeneratedRegex(@"^spark-connect_[0-9.]+-([0-9][0-9A-Za-z.\-]*)\.jar$")]
    private static partial Regex ConnectJar();

    // delta-spark_2.13-4.4.0.jar, or delta-spark_4.2_2.13-4.4.0.jar when it names the Spark it was made for.
    [GeneratedRegex(@"^delta-spark(?:_[0-9.]+)+-([0-9][0-9A-Za-z.\-]*)\.jar$")]
    private static partial Regex DeltaJar();

    [GeneratedRegex(@"^delta-storage-([0-9][0-9A-Za-z.\-]*)\.jar$")]
    private static partial Regex DeltaStorageJar();
}
