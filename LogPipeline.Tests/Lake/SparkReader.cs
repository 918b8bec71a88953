using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace LogPipeline.Tests.Lake;

/// <summary>Real Spark with Delta, without any client: one Java file that is compiled as it starts.</summary>
internal static class SparkReader
{
    private static readonly string[] Opens =
    [
        "java.base/java.lang", "java.base/java.lang.invoke", "java.base/java.lang.reflect", "java.base/java.io", "java.base/java.net", "java.base/java.nio", "java.base/java.util",
        "java.base/java.util.concurrent", "java.base/java.util.concurrent.atomic", "java.base/jdk.internal.ref", "java.base/sun.nio.ch", "java.base/sun.nio.cs",
        "java.base/sun.security.action", "java.base/sun.util.calendar", "java.security.jgss/sun.security.krb5",
    ];

    public static string? Home => Environment.GetEnvironmentVariable("SPARK_HOME");

    /// <summary>Rows of a query over tables, as JSON objects.</summary>
    public static async Task<List<JsonElement>> QueryAsync(string sql, params (string Name, string Root)[] tables)
    {
        using var work = new TemporaryFolder();
        var program = work["ReadTable.java"];
        await using (var source = typeof(SparkReader).Assembly.GetManifestResourceStream("ReadTable.java")!)
        await using (var file = File.Create(program))
        {
            await source.CopyToAsync(file, TestContext.Current.CancellationToken);
        }

        List<string> arguments =
        [
            "-XX:+IgnoreUnrecognizedVMOptions", "-Xmx1g", "--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
            "-Dio.netty.tryReflectionSetAccessible=true", "-Djdk.reflect.useDirectMethodHandle=false",
            .. Opens.Select(package => $"--add-opens={package}=ALL-UNNAMED"),
            "-cp", Path.Combine(Home!, "jars", "*"), program, sql,
            .. tables.Select(table => $"{table.Name}={table.Root}"),
        ];
        var start = new ProcessStartInfo("java", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = work.Path };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await errors);
        return [.. (await output).Split('\n').Where(line => line.StartsWith("ROW ", StringComparison.Ordinal)).Select(line => JsonDocument.Parse(line[4..]).RootElement)];
    }
}
