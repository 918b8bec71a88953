using System.Globalization;
using System.Text;
using Confluent.Kafka;

namespace LogPipeline.Tests.Spark.Streaming;

/// <summary>Events as another program writes them to a topic, one in a thousand of which does not fit.</summary>
internal static class OutsideProducer
{
    /// <summary>How many of the events with numbers below this do not fit.</summary>
    public static int Bad(int count) => count / 1000;

    /// <summary>Messages with numbers from one to another.</summary>
    public static IEnumerable<Message<string?, byte[]?>> Messages(int from, int to)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        return Enumerable.Range(from, to - from).Select(number => new Message<string?, byte[]?>
        {
            Key = string.Create(CultureInfo.InvariantCulture, $"s-{number % 17}"),
            Value = number % 1000 == 999 ? Misfit(number / 1000) : Event(number, now),
            Headers = [new Header("traceparent", "00-abc"u8.ToArray())],
        });
    }

    private static byte[]? Misfit(int number) => (number % 5) switch
    {
        0 => "no json"u8.ToArray(),
        1 => null,
        2 => """{"status":"x"}"""u8.ToArray(),
        3 => [],
        _ => """{"timestamp":-1}"""u8.ToArray(),
    };

    private static byte[] Event(int number, long now) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"timestamp":{{now}},"level":"INFO","source":"outside","endpoint":"/api/{{number % 7}}","method":"GET","status":200,"response_time":{{number % 90}}.5,"session_id":"s-{{number % 17}}","trace_id":"t-{{number}}","message":"event {{number}}","shard":{{number % 3}},"plan":"ü"}"""));
}
