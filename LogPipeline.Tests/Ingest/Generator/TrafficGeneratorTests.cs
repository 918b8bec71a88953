using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using LogPipeline.Core.Ingest.Generator;
using Xunit;

namespace LogPipeline.Tests.Ingest.Generator;

public sealed class TrafficGeneratorTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_same_seed_and_calls_give_the_same_bytes()
    {
        Assert.Equal(Write(7, Noon, TimeSpan.FromMinutes(1), 100), Write(7, Noon, TimeSpan.FromMinutes(1), 100));
        Assert.NotEqual(Write(7, Noon, TimeSpan.FromMinutes(1), 100), Write(8, Noon, TimeSpan.FromMinutes(1), 100));
    }

    [Fact]
    public void A_constant_rate_is_exact_over_many_short_spans()
    {
        using var generator = new TrafficGenerator(1);
        var output = new ArrayBufferWriter<byte>();
        var count = 0;
        for (var tick = 0; tick < 600; tick++)
        {
            count += generator.Write(output, Noon.AddMilliseconds(tick * 16), Noon.AddMilliseconds((tick + 1) * 16), 33);
        }

        Assert.Equal((int)(600 * 0.016 * 33), count);
        Assert.Equal(count, Encoding.UTF8.GetString(output.WrittenSpan).Count(letter => letter == '\n'));
    }

    [Fact]
    public void Traffic_is_believable()
    {
        var events = Events(Write(3, Noon, TimeSpan.FromMinutes(40), 50));
        Assert.Equal(120_000, events.Count);
        Assert.Equal(7, events.Select(one => one.GetProperty("source").GetString()).Distinct().Count());
        Assert.Equal(events.Select(one => one.GetProperty("timestamp").GetDateTime()).Order(), events.Select(one => one.GetProperty("timestamp").GetDateTime()));
        Assert.InRange(events.Count(one => Status(one) is >= 200 and < 300) / 120_000.0, 0.8, 0.95);
        Assert.InRange(events.Count(one => Status(one) >= 500) / 120_000.0, 0.003, 0.05);
        Assert.InRange(events.Select(one => one.GetProperty("session_id").GetString()).Distinct().Count(), 1_000, 10_000);
        Assert.Contains(events, one => one.GetProperty("response_time").GetDouble() > 1000);
        Assert.All(events.Where(one => Status(one) >= 500), one => Assert.Equal("ERROR", one.GetProperty("level").GetString()));
    }

    [Theory]
    [InlineData("2026-11-23T00:00:05Z")]
    [InlineData("2026-11-23T12:34:56Z")]
    [InlineData("2026-11-23T23:59:59Z")]
    [InlineData("2027-03-01T00:00:01Z")]
    public void A_demo_has_rows_for_every_sample_query_at_any_time_of_day(string time)
    {
        var now = DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);
        var events = DemoBackfill.Pieces(11, now, 20).SelectMany(piece => Events(piece.ToArray())).ToList();
        DateTime At(JsonElement one) => one.GetProperty("timestamp").GetDateTime();

        Assert.InRange(events.Count, 47_000, 54_000);
        Assert.InRange(events.Count(one => At(one) >= now.UtcDateTime.AddMinutes(-30)) / 1800.0, 19.5, 20.5);
        Assert.All(events, one => Assert.InRange(At(one), now.UtcDateTime.AddDays(-1), now.UtcDateTime));
        Assert.Contains(events, one => Status(one) >= 400 && At(one) >= now.UtcDateTime.AddHours(-1));
        Assert.Contains(events, one => At(one) >= now.UtcDateTime.Date);
        Assert.Contains(events, one => (Status(one) >= 500 || one.GetProperty("response_time").GetDouble() > 1000) && At(one) >= now.UtcDateTime.AddMinutes(-30));
    }

    private static int Status(JsonElement one) => one.GetProperty("status").GetInt32();

    private static byte[] Write(int seed, DateTimeOffset from, TimeSpan span, double rate)
    {
        using var generator = new TrafficGenerator(seed);
        var output = new ArrayBufferWriter<byte>();
        generator.Write(output, from, from + span, rate);
        return output.WrittenSpan.ToArray();
    }

    private static List<JsonElement> Events(byte[] lines) =>
        [.. Encoding.UTF8.GetString(lines).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.Clone())];
}
