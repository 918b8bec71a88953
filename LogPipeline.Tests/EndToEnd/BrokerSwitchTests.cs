using LogPipeline.Tests.Engines;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>The switch of the broker, on real Kafka: nothing is left behind, and a log that has its turn again goes on where it was.</summary>
public sealed class BrokerSwitchTests(KafkaServer kafka)
{
    [Fact]
    public async Task A_log_that_is_not_fully_stored_keeps_the_other_from_its_turn_until_it_is_drained()
    {
        await using var product = new SwitchedHost(await kafka.GetAsync());
        await product.StartAsync();
        await product.PostAsync(1_000);
        await product.AllStoredOnceAsync();
        await product.StopAsync();

        await product.StartAsync("--set", "Lake:CommitInterval=60s");
        await product.PostAsync(500);
        await product.KillAsync();
        product.Set("Broker", "Kafka");
        await RefusedAsync(product, "offset 999 and ends at 1500", "lake drain --stream web-logs --set Broker=Embedded");
        Assert.Contains("is stored up to its end (0:1500)", await product.MustRunAsync("lake", "drain", "--stream", "web-logs", "--set", "Broker=Embedded"), StringComparison.Ordinal);

        await product.StartAsync();
        product.Produce(2_000);
        await product.AllStoredOnceAsync();
        await product.StopAsync();
        product.Produce(500);
        product.Set("Broker", "Embedded");
        await RefusedAsync(product, "and ends at", "lake drain --stream web-logs --set Broker=Kafka");
        Assert.Contains("\"table\":\"logs\"", await product.MustRunAsync("lake", "drain", "--set", "Broker=Kafka", "--json"), StringComparison.Ordinal);

        await product.StartAsync();
        await product.PostAsync(1_500);
        await product.AllStoredOnceAsync();
        await product.StopAsync();
        product.Set("Broker", "Kafka");
        await product.StartAsync();
        product.Produce(1_000);
        await product.AllStoredOnceAsync();
        await product.StopAsync();
    }

    [Fact]
    public async Task While_no_broker_answers_the_embedded_log_has_its_turn_only_when_it_is_adopted()
    {
        await using var product = new SwitchedHost(await kafka.GetAsync());
        product.Set("Broker", "Kafka");
        await product.StartAsync();
        product.Produce(1_000);
        await product.AllStoredOnceAsync();
        await product.StopAsync();
        product.Set("Broker", "Embedded");
        var (_, _, messages) = await product.RunAsync("serve", "--port", "0", "--set", "Kafka:Brokers=127.0.0.1:9");
        Assert.Contains("does not answer", messages, StringComparison.Ordinal);
        var adopted = messages[(messages.IndexOf("AdoptLog to ", StringComparison.Ordinal) + "AdoptLog to ".Length)..].Split((char[])['\r', '\n', ' '])[0];
        await product.StartAsync("--set", "Kafka:Brokers=127.0.0.1:9", "--set", $"Lake:AdoptLog={adopted}");
        await product.PostAsync(1_000);
        await product.AllStoredOnceAsync();
        await product.StopAsync();
    }

    private static async Task RefusedAsync(SwitchedHost product, params string[] named)
    {
        var (exitCode, _, messages) = await product.RunAsync("serve", "--port", "0");
        Assert.Equal(1, exitCode);
        Assert.All(named, text => Assert.Contains(text, messages, StringComparison.Ordinal));
    }
}
