using System.Globalization;
using System.Text;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>JSON lines of about 400 B with the fields that web logs have, the same for every run.</summary>
internal static class BenchEvents
{
    private const long Start = 1_770_000_000_000;
    private static readonly string[] Levels = ["INFO", "INFO", "INFO", "INFO", "INFO", "INFO", "INFO", "WARN", "DEBUG", "ERROR"];
    private static readonly string[] Sources = ["storefront", "catalog", "search", "checkout", "auth", "cdn-edge", "images"];
    private static readonly string[] Methods = ["GET", "GET", "GET", "POST", "PUT"];
    private static readonly int[] Statuses = [200, 200, 200, 200, 201, 304, 404, 500];

    /// <summary>Writes events, a line each.</summary>
    public static void Write(Stream output, int count)
    {
        foreach (var line in Lines(count, Start))
        {
            output.Write(Encoding.UTF8.GetBytes(line));
            output.WriteByte((byte)'\n');
        }
    }

    /// <summary>Events, 20 a millisecond.</summary>
    /// <param name="count">How many.</param>
    /// <param name="start">Time of the first, in milliseconds since 1970.</param>
    public static IEnumerable<string> Lines(int count, long start)
    {
        var random = new Random(20_261_123);
        var line = new StringBuilder(600);
        for (var number = 0; number < count; number++)
        {
            line.Clear();
            var session = random.Next(20_000);
            line.Append(CultureInfo.InvariantCulture, $$"""{"timestamp":{{start + (number / 20)}},"level":"{{Levels[random.Next(Levels.Length)]}}","source":"{{Sources[random.Next(Sources.Length)]}}","endpoint":"/api/products/{{random.Next(200)}}","method":"{{Methods[random.Next(Methods.Length)]}}","status":{{Statuses[random.Next(Statuses.Length)]}},"response_time":{{random.Next(10, 90_000) / 100.0}},"user_id":"u-{{session % 9_000}}","session_id":"s-{{session:x8}}","ip":"203.0.{{session % 113}}.{{session % 251}}","user_agent":"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0","referrer":"https://shop.example/c/{{random.Next(60)}}","bytes":{{random.Next(200, 60_000)}},"message":"served page {{random.Next(400)}} of the catalogue"}""");
            yield return line.ToString();
        }
    }
}
