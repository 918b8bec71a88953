using System.Globalization;
using System.Net;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.Query;
using Microsoft.Extensions.Options;

namespace LogPipeline.Spark.Broker;

/// <summary>Reports at once everything that keeps Spark from running; nothing in a host that neither writes nor queries with Spark.</summary>
internal sealed class SparkOptionsValidator(PipelineOptions? host = null, QueryOptions? queries = null) : IValidateOptions<SparkOptions>
{
    /// <summary>Characters that a secret needs at least.</summary>
    private const int ShortestToken = 16;

    private static readonly string[] OwnSettings =
        ["spark.master", "spark.connect.grpc.binding.port", "spark.connect.grpc.binding.address", "spark.connect.authenticate.token", "spark.ui.port", "spark.ui.enabled", "spark.driver.memory"];

    public ValidateOptionsResult Validate(string? name, SparkOptions options)
    {
        if (host is not null && !SparkEngine.IsChosen(host, queries))
        {
            return ValidateOptionsResult.Success;
        }

        var problems = new List<string>();
        var master = SparkMaster.Parse(options.Master);
        Require(master is not null, nameof(options.Master), options.Master, "give local[*], local[2], spark://host:7077 or sc://host:15002");
        Require(options.MemoryBytes >= 512L << 20, nameof(options.MemoryBytes), options.MemoryBytes, "give at least 512MiB");
        Require(options.ConnectPort is >= 0 and <= 65_535, nameof(options.ConnectPort), options.ConnectPort, "give a port, or 0 for a free one");
        Require(options.UiPort is >= 1 and <= 65_535, nameof(options.UiPort), options.UiPort, "give a port such as 4040");
        Require(options.PortMaxRetries is >= 0 and <= 1_000, nameof(options.PortMaxRetries), options.PortMaxRetries, "give a number from 0 to 1000");
        Require(options.MaxRestarts is >= 1 and <= 1_000, nameof(options.MaxRestarts), options.MaxRestarts, "give a number from 1 to 1000");
        Within(nameof(options.StartTimeout), options.StartTimeout, TimeSpan.FromSeconds(5), TimeSpan.FromHours(1));
        Within(nameof(options.HangTimeout), options.HangTimeout, TimeSpan.FromSeconds(10), TimeSpan.FromHours(1));
        Within(nameof(options.Heartbeat), options.Heartbeat, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        Within(nameof(options.RestartDelay), options.RestartDelay, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        Within(nameof(options.MaxRestartDelay), options.MaxRestartDelay, options.RestartDelay, TimeSpan.FromHours(1));
        Within(nameof(options.RestartWindow), options.RestartWindow, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        CheckAddress(options, master, problems);
        if (options.Token is { Length: < ShortestToken })
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"LogPipeline:Spark:Token is shorter than {ShortestToken} characters: make one with openssl rand -hex 24, or leave it out."));
        }

        foreach (var setting in options.Conf.Keys)
        {
            if (!setting.StartsWith("spark.", StringComparison.Ordinal))
            {
                problems.Add($"LogPipeline:Spark:Conf:{setting} is no setting of Spark: their names begin with spark.");
            }
            else if (OwnSettings.Contains(setting, StringComparer.Ordinal))
            {
                problems.Add($"LogPipeline:Spark:Conf:{setting} has a key of its own: see LogPipeline:Spark in docs/configuration.md.");
            }
        }

        if (master is SparkMaster.Local or SparkMaster.Cluster)
        {
            _ = SparkInstallation.Find(options, Environment.GetEnvironmentVariable("PATH"), problems);
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);

        void Within(string key, TimeSpan value, TimeSpan least, TimeSpan most) =>
            Require(value >= least && value <= most, key, value, string.Create(CultureInfo.InvariantCulture, $"give a time from {least:c} to {most:c}"));

        void Require(bool holds, string key, object value, string fix)
        {
            if (!holds)
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"LogPipeline:Spark:{key} is {value}: {fix}."));
            }
        }
    }

    private static void CheckAddress(SparkOptions options, SparkMaster? master, List<string> problems)
    {
        if (!IPAddress.TryParse(options.LocalIp, out var address))
        {
            problems.Add($"LogPipeline:Spark:LocalIp is {options.LocalIp}: give an address of this machine such as 127.0.0.1.");
        }
        else if (master is SparkMaster.Cluster && IPAddress.IsLoopback(address))
        {
            problems.Add($"LogPipeline:Spark:LocalIp is {options.LocalIp}, where the workers of {master.Text} cannot reach the server: give this machine's address in their network.");
        }
    }
}
