using System.Globalization;
using System.Text;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>Combined log lines of 20,000 visitors, the same for every run but for their time.</summary>
internal static class BenchLines
{
    private const double Seconds = 2_400;

    /// <summary>Writes lines that end now and begin forty minutes ago.</summary>
    public static void Write(Stream output, int count)
    {
        var random = new Random(20_261_123);
        var end = TimeProvider.System.GetUtcNow();
        using var text = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 20, leaveOpen: true);
        for (var number = 0; number < count; number++)
        {
            var at = end.AddSeconds(-Seconds + (Seconds * number / count));
            var visitor = random.Next(20_000);
            text.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"203.0.{visitor % 113}.{visitor % 251} - - [{at:dd/MMM/yyyy:HH:mm:ss} +0000] \"GET /products/{random.Next(900)}?page={random.Next(20)} HTTP/1.1\" {(random.Next(50) == 0 ? 404 : 200)} {random.Next(200, 60_000)} \"https://shop.example/c/{random.Next(60)}\" \"Mozilla/5.0 (X11; Linux x86_64; rv:{100 + (visitor % 40)}.0) Gecko/20100101 Firefox/{100 + (visitor % 40)}.0\"\n"));
        }
    }
}
