using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog.Kafka;
using LogPipeline.Core.Lake;
using LogPipeline.Web.Hosting;
using Xunit;

namespace LogPipeline.Tests.Configuration;

public sealed class ConfigurationTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("logpipeline-config-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Without_anything_the_shipped_file_applies()
    {
        var configuration = Load();
        Assert.Equal(4000, configuration.Host.Http.Port);
        Assert.Equal("web-logs", configuration.Streams.Default.Name);
        Assert.Equal("logs", configuration.Streams.Default.Table);
        Assert.Equal(Path.Combine(folder, "logpipeline-data"), configuration.Host.DataFolder);
        Assert.Empty(configuration.Notices);
    }

    [Fact]
    public void Command_line_wins_over_environment_over_dot_env_over_file()
    {
        File.WriteAllText(Path.Combine(folder, "my.json"), """{"LogPipeline":{"Http":{"Port":4001},"DataFolder":"from-file","Lake":{"CommitInterval":"4s"},"Live":{"SlowMs":"400"}}}""");
        File.WriteAllText(Path.Combine(folder, ".env"), "PORT=4002\nLOGPIPELINE_HOME=from-env-file\nLogPipeline__Lake__CommitInterval=3s\n");
        var environment = new Dictionary<string, string> { ["API_PORT"] = "4003", ["LOGPIPELINE_HOME"] = "from-environment" };
        var configuration = Load(environment, one => one with { ConfigFile = "my.json", Port = 4004 });
        Assert.Equal(4004, configuration.Host.Http.Port);
        Assert.Equal(Path.Combine(folder, "from-environment"), configuration.Host.DataFolder);
        Assert.Equal(TimeSpan.FromSeconds(3), configuration.Options<LakeOptions>().CommitInterval);
        Assert.Equal(400, configuration.Options<Core.Live.LiveOptions>().SlowMs);
        Assert.Equal(4003, Load(environment, one => one with { ConfigFile = "my.json" }).Host.Http.Port);
        Assert.Equal(4002, Load(configure: one => one with { ConfigFile = "my.json" }).Host.Http.Port);
    }

    [Fact]
    public void A_key_of_its_own_wins_over_a_known_variable_of_the_same_source() =>
        Assert.Equal(4100, Load(new Dictionary<string, string> { ["PORT"] = "4000", ["LogPipeline__Http__Port"] = "4100" }).Host.Http.Port);

    [Fact]
    public void Variables_of_kafka_and_spark_never_flip_a_switch_and_are_named_in_one_line()
    {
        var configuration = Load(new Dictionary<string, string> { ["KAFKA_BROKERS"] = "kafka-1:9092,kafka-2:9092", ["SPARK_MASTER"] = "local[2]" });
        Assert.Equal(BrokerKind.Embedded, configuration.Host.Broker);
        Assert.Equal(EngineKind.Embedded, configuration.Host.Engine);
        Assert.Equal("kafka-1:9092,kafka-2:9092", configuration.Options<KafkaOptions>().Brokers);
        Assert.Equal("KAFKA_BROKERS, SPARK_MASTER are set but not used: Broker is Embedded and Engine is Embedded", Assert.Single(configuration.Notices));
    }

    [Fact]
    public void Every_setting_of_librdkafka_is_passed_on_and_checked_and_no_secret_is_repeated()
    {
        var error = Assert.Throws<ConfigurationException>(() => HostConfiguration.Load(new HostArguments
        {
            WorkingFolder = Path.GetTempPath(),
            Environment = new Dictionary<string, string> { ["LogPipeline__Kafka__Settings__SASL_USERNAME"] = "reader" },
            Settings =
            [
                "Broker=Kafka", "Kafka:Settings:security.protocol=sasl_ssl", "Kafka:Settings:sasl.password=hunter2hunter2", "Kafka:Settings:acks=1",
                "Kafka:Settings:sasl.mechanizm=PLAIN", "Kafka:Settings:enable.ssl.certificate.verification=hunter2", "Kafka:TopicSettings:min.insync.replicas=2",
            ],
        }));
        Assert.Contains("LogPipeline:Kafka:Settings:acks: is not yours to set", error.Message, StringComparison.Ordinal);
        Assert.Contains("LogPipeline:Kafka:Settings:sasl.mechanizm: No such configuration property", error.Message, StringComparison.Ordinal);
        Assert.Contains("LogPipeline:Kafka:Settings:enable.ssl.certificate.verification:", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, error.Problems.Count);
        Assert.DoesNotContain("hunter2hunter2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Delta_lake_path_and_kafka_topic_reach_their_keys()
    {
        var configuration = Load(new Dictionary<string, string> { ["DELTA_LAKE_PATH"] = "tables", ["KAFKA_TOPIC"] = "my-logs" });
        Assert.Equal("tables", configuration.Options<LakeOptions>().Path);
        Assert.Equal("my-logs", configuration.Streams.Default.Topic);
    }

    [Fact]
    public void All_problems_are_named_at_once_with_key_and_fix()
    {
        var error = Assert.Throws<ConfigurationException>(() => Load(configure: one => one with
        {
            Settings = ["Http:Prot=1", "Http:Port=99999", "Kafka:Partitions=0", "Lake:CommitInterval=tomorrow", "Query:Timeout=0s", "Live:RingCapacity=1"],
        }));
        Assert.Equal(6, error.Problems.Count);
        Assert.Contains("did you mean LogPipeline:Http:Port?", error.Message, StringComparison.Ordinal);
        Assert.Contains("LogPipeline:Kafka:Partitions: is 0; set it to 1 to 1000", error.Message, StringComparison.Ordinal);
        Assert.Contains("'tomorrow' is not a duration such as 500ms", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Http:Port=abc", "LogPipeline:Http:Port: 'abc' is not a whole number")]
    [InlineData("Http:Port=-1", "LogPipeline:Http:Port: -1 is no port")]
    [InlineData("Http:Bind=my-host", "LogPipeline:Http:Bind: 'my-host' is no address")]
    [InlineData("Http:Bind=0.0.0.0", "LogPipeline:Auth:Token: is needed because")]
    [InlineData("Http:AllowedOrigins=example.org", "LogPipeline:Http:AllowedOrigins: 'example.org' is no origin")]
    [InlineData("Http:MaxEventStreams=0", "LogPipeline:Http:MaxEventStreams: must be from 1 to 10000")]
    [InlineData("Auth:Token=short", "LogPipeline:Auth:Token: is shorter than 16 characters")]
    [InlineData("Auth:IngestKey=0123456789abcdef", "LogPipeline:Auth:IngestKey: is set without LogPipeline:Auth:Token")]
    [InlineData("Auth:AllowAnonymous=maybe", "LogPipeline:Auth:AllowAnonymous: 'maybe' is not true or false")]
    [InlineData("Broker=Rabbit", "LogPipeline:Broker: 'Rabbit' is not Embedded or Kafka")]
    [InlineData("Broker=1", "LogPipeline:Broker: '1' is not Embedded or Kafka")]
    [InlineData("Engine=Spark", "LogPipeline:Spark:Home: is not set: unpack a Spark 4 distribution")]
    [InlineData("Query:Engine=Spark", "LogPipeline:Spark:Home: is not set: unpack a Spark 4 distribution")]
    [InlineData("Query:Engine=Duck", "LogPipeline:Query:Engine: 'Duck' is not Embedded or Spark")]
    [InlineData("Engine=Flink", "LogPipeline:Engine: 'Flink' is not Embedded or Spark")]
    [InlineData("Http=4000", "LogPipeline:Http")]
    [InlineData("Engin=Spark", "LogPipeline:Engin: is not a key; did you mean LogPipeline:Engine?")]
    [InlineData("Lak:CommitInterval=1s", "LogPipeline:Lak: is not a key; did you mean LogPipeline:Lake?")]
    [InlineData("Streams:web-logs:Schema=nothing", "LogPipeline:Streams:web-logs:Schema: No schema named 'nothing' is shipped")]
    [InlineData("Streams:web-logs:Schema=missing.avsc", "LogPipeline:Streams:web-logs:Schema: Could not find file")]
    [InlineData("Streams:web-logs:Table=dead_letters", "LogPipeline:Streams:web-logs:Table: 'dead_letters' is a table of the product")]
    [InlineData("Streams:web-logs:Table=Logs", "LogPipeline:Streams:web-logs:Table: 'Logs' is no table name")]
    [InlineData("Streams:web-logs:Retention:MaxBytes=1KB", "LogPipeline:Streams:web-logs:Retention:MaxBytes: must be at least 1MiB")]
    [InlineData("Streams:web-logs:Retention:MaxAge=1s", "LogPipeline:Streams:web-logs:Retention:MaxAge: must be at least 1min")]
    [InlineData("Streams:Web Logs:Schema=web-log", "LogPipeline:Streams:Web Logs: a stream's name is made of small letters")]
    [InlineData("Streams:other:Topic=x", "LogPipeline:Streams:other:Schema: is missing")]
    [InlineData("EventLog:MemoryMiB=17", "LogPipeline:EventLog:MemoryMiB")]
    [InlineData("Lake:CommitInterval=1h", "LogPipeline:Lake:CommitInterval")]
    [InlineData("nonsense", "--set: 'nonsense' is not KEY=VALUE")]
    public void A_wrong_setting_is_refused_with_its_key(string setting, string message)
    {
        var error = Assert.Throws<ConfigurationException>(() => Load(configure: one => one with { Settings = [setting] }));
        Assert.Contains(error.Problems, problem => problem.ToString().StartsWith(message, StringComparison.Ordinal));
    }

    [Fact]
    public void Two_streams_cannot_share_a_table()
    {
        var error = Assert.Throws<ConfigurationException>(() => Load(configure: one => one with { Settings = ["Streams:more:Schema=web-log", "Streams:more:Table=logs"] }));
        Assert.Contains("give each stream a table of its own", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_names_of_one_variable_must_agree()
    {
        var error = Assert.Throws<ConfigurationException>(() => Load(new Dictionary<string, string> { ["PORT"] = "4000", ["API_PORT"] = "4001" }));
        Assert.Contains("mean the same setting", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ not json", "--config bad.json")]
    [InlineData("[1]", "--config bad.json")]
    public void A_file_that_is_no_json_object_is_named(string content, string key)
    {
        File.WriteAllText(Path.Combine(folder, "bad.json"), content);
        var error = Assert.Throws<ConfigurationException>(() => Load(configure: one => one with { ConfigFile = "bad.json" }));
        Assert.Equal(key, Assert.Single(error.Problems).Key);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Equal("--config", Assert.Single(Assert.Throws<ConfigurationException>(() => Load(configure: one => one with { ConfigFile = "none.json" })).Problems).Key);

    [Fact]
    public void Beyond_loopback_a_token_or_consent_is_enough()
    {
        Assert.Equal("0.0.0.0", Load(configure: one => one with { Bind = "0.0.0.0", AllowAnonymous = true }).Host.Http.Bind);
        Assert.Equal("0.0.0.0", Load(new Dictionary<string, string> { ["LogPipeline__Auth__Token"] = "0123456789abcdef0" }, one => one with { Bind = "0.0.0.0" }).Host.Http.Bind);
    }

    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("1.5s", 1500)]
    [InlineData("2min", 120_000)]
    [InlineData("00:00:02", 2000)]
    public void Durations_have_units(string text, double milliseconds) => Assert.Equal(milliseconds, OptionValues.ReadDuration(text)?.TotalMilliseconds);

    [Theory]
    [InlineData("64MiB", 67_108_864)]
    [InlineData("1GB", 1_000_000_000)]
    [InlineData("1024", 1024)]
    public void Sizes_have_units(string text, long bytes)
    {
        Assert.True(OptionValues.TryRead(text, typeof(long), "MaxBytes", out var value));
        Assert.Equal(bytes, value);
    }

    private HostConfiguration Load(Dictionary<string, string>? environment = null, Func<HostArguments, HostArguments>? configure = null)
    {
        var arguments = new HostArguments { WorkingFolder = folder, Environment = environment ?? [] };
        return HostConfiguration.Load(configure is null ? arguments : configure(arguments));
    }
}
