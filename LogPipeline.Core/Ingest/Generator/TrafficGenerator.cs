using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LogPipeline.Core.Ingest.Generator;

/// <summary>Makes up the traffic of a web shop as JSON lines: the same seed and the same calls give the same bytes.</summary>
/// <remarks>Not for several threads at once.</remarks>
public sealed class TrafficGenerator : IDisposable
{
    private const int Visits = 600;
    private readonly Random random;
    private readonly Incidents incidents;
    private readonly double[] popularity;
    private readonly Visit[] visits = new Visit[Visits];
    private readonly ArrayBufferWriter<byte> line = new(1024);
    private readonly Utf8JsonWriter json;
    private double owed;

    /// <summary>Makes one.</summary>
    /// <param name="seed">Decides everything that is made up.</param>
    public TrafficGenerator(int seed)
    {
        random = new Random(seed);
        incidents = new Incidents(seed);
        json = new Utf8JsonWriter(line, new JsonWriterOptions { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        var sum = 0.0;
        popularity = [.. Shop.Pages.Select((_, index) => sum += 1 / (index + 1.5))];
        for (var index = 0; index < popularity.Length; index++)
        {
            popularity[index] /= sum;
        }

        for (var index = 0; index < Visits; index++)
        {
            visits[index] = NewVisit();
        }
    }

    /// <summary>Writes the events of a span of time, one JSON object a line, in the order of time.</summary>
    /// <param name="output">Where the lines go, as UTF-8.</param>
    /// <param name="from">Begin of the span.</param>
    /// <param name="to">End of the span, not included.</param>
    /// <param name="eventsPerSecond">Mean rate. Fractions of an event are owed to the next call.</param>
    /// <param name="shaped">Whether the rate follows the hours of a day around that mean; otherwise it is constant.</param>
    /// <returns>Events written.</returns>
    public int Write(IBufferWriter<byte> output, DateTimeOffset from, DateTimeOffset to, double eventsPerSecond, bool shaped = false)
    {
        var seconds = (to - from).TotalSeconds;
        if (seconds <= 0)
        {
            return 0;
        }

        owed += seconds * eventsPerSecond * (shaped ? Shape(from) : 1);
        var count = (int)owed;
        owed -= count;
        var step = (to - from).Ticks / (double)Math.Max(1, count);
        for (var index = 0; index < count; index++)
        {
            var ticks = (long)((index + random.NextDouble()) * step);
            WriteEvent(output, from.AddTicks(Math.Min(ticks, (to - from).Ticks - 1)));
        }

        return count;
    }

    /// <inheritdoc/>
    public void Dispose() => json.Dispose();

    /// <summary>A day of shoppers: quiet at four in the morning, busiest at eight in the evening; 1 on average.</summary>
    private static double Shape(DateTimeOffset at)
    {
        var hour = at.UtcDateTime.TimeOfDay.TotalHours;
        return 1 + (0.55 * Math.Cos((hour - 18.5) / 24 * 2 * Math.PI)) + (0.12 * Math.Cos((hour - 12) / 12 * 2 * Math.PI));
    }

    private void WriteEvent(IBufferWriter<byte> output, DateTimeOffset at)
    {
        var number = PickPage();
        var page = Shop.Pages[number];
        ref var visit = ref visits[random.Next(Visits)];
        if (random.Next(28) == 0)
        {
            visit = NewVisit();
        }

        var second = at.ToUnixTimeSeconds();
        var burst = page.Source == "checkout" ? incidents.ErrorBurst(second) : 0;
        var slow = page.Source is "catalog" or "search" ? incidents.SlowDown(second) : 0;
        var status = Status(page);
        var ms = page.Ms * Math.Exp(0.55 * Normal()) * (1 + (14 * slow * random.NextDouble()));
        var message = Filled(page.Messages[random.Next(page.Messages.Count)]);
        string? gateway = null;
        if (burst > 0 && random.NextDouble() < 0.35 * burst)
        {
            var failure = Shop.Failures[random.Next(Shop.Failures.Count)];
            (status, message, gateway) = (failure.Status, failure.Message, "payments-2");
            ms = failure.Ms * (0.98 + (0.06 * random.NextDouble()));
        }
        else if (status >= 500)
        {
            message = "unexpected answer from a dependency";
            ms *= 3;
        }
        else if (status == 429)
        {
            message = "rate limit at 82 % for " + visit.Address;
        }
        else if (status == 404)
        {
            message = "nothing here";
        }

        var level = status >= 500 ? "ERROR" : status >= 400 || ms > 1000 ? "WARN" : random.Next(50) == 0 ? "DEBUG" : "INFO";
        Compose(at, level, page, status, ms, message, visit, gateway);
        output.Write(line.WrittenSpan);
    }

    private void Compose(DateTimeOffset at, string level, Shop.Page page, int status, double ms, string message, in Visit visit, string? gateway)
    {
        line.ResetWrittenCount();
        json.Reset(line);
        json.WriteStartObject();
        json.WriteString("timestamp"u8, at.UtcDateTime);
        json.WriteString("level"u8, level);
        json.WriteString("source"u8, page.Source);
        json.WriteString("endpoint"u8, page.Path.Contains('{', StringComparison.Ordinal) ? page.Path.Replace("{id}", (80_000 + random.Next(40)).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) : page.Path);
        json.WriteString("method"u8, page.Method);
        json.WriteNumber("status"u8, status);
        json.WriteNumber("response_time"u8, Math.Round(ms, 2));
        json.WriteString("user_id"u8, visit.User);
        json.WriteString("session_id"u8, visit.Session);
        json.WriteString("ip"u8, visit.Address);
        json.WriteString("user_agent"u8, visit.Agent);
        if (page.Source is not "cdn-edge")
        {
            json.WriteString("referrer"u8, "https://shop.example/");
        }

        json.WriteNumber("bytes"u8, status == 304 ? 0 : (long)(900 * Math.Exp(1.1 * Normal())) + 120);
        json.WriteString("message"u8, message);
        Span<byte> hex = stackalloc byte[48];
        for (var index = 0; index < 3; index++)
        {
            Utf8Formatter.TryFormat((ulong)random.NextInt64(), hex[(index * 16)..], out _, new StandardFormat('x', 16));
        }

        json.WriteString("trace_id"u8, hex[..32]);
        json.WriteString("span_id"u8, hex[32..]);
        json.WriteString("region"u8, Shop.Regions[random.Next(Shop.Regions.Count)]);
        if (gateway is not null)
        {
            json.WriteString("gateway"u8, gateway);
            json.WriteNumber("attempt"u8, 1 + random.Next(3));
            json.WriteNumber("cart_value"u8, random.Next(900, 40_000) / 100.0);
        }

        json.WriteEndObject();
        json.Flush();
        line.Write("\n"u8);
    }

    private int PickPage()
    {
        var found = Array.BinarySearch(popularity, random.NextDouble());
        return Math.Min(found < 0 ? ~found : found, popularity.Length - 1);
    }

    private int Status(Shop.Page page)
    {
        var roll = random.Next(1_000);
        return roll switch
        {
            < 3 => 500 + random.Next(4),
            < 15 => 404,
            < 20 => page.Source == "auth" ? 401 : 400,
            < 24 => 429,
            < 110 => page.Method == "GET" ? 304 : 200,
            _ => page.Method == "POST" ? 201 : 200,
        };
    }

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private string Filled(string message) => message.Contains("{0}", StringComparison.Ordinal)
        ? message.Replace("{0}", (2 + random.Next(600)).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        : message;

    private Visit NewVisit()
    {
        var user = 40_000 + random.Next(9_000);
        return new Visit(
            string.Create(CultureInfo.InvariantCulture, $"u-{user}"),
            string.Create(CultureInfo.InvariantCulture, $"s-{random.NextInt64() & 0xFFFFFFFFFF:x10}"),
            string.Create(CultureInfo.InvariantCulture, $"203.0.{user % 113}.{user % 251}"),
            Shop.Agents[Math.Min(random.Next(Shop.Agents.Count), random.Next(Shop.Agents.Count))]);
    }

    private readonly record struct Visit(string User, string Session, string Address, string Agent);
}
