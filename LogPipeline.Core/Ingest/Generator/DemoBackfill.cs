using System.Buffers;

namespace LogPipeline.Core.Ingest.Generator;

/// <summary>A day of traffic before an instant, so that a demo has a past.</summary>
public static class DemoBackfill
{
    private const double MeanRate = 21_000 / 86_400.0;
    private const double RecentRate = 30;
    private static readonly TimeSpan Recent = TimeSpan.FromMinutes(16);

    /// <summary>Pieces of JSON lines, together about 50,000 events: the last hour first, then the hours before it backwards.</summary>
    /// <param name="seed">Seed of the traffic.</param>
    /// <param name="now">End of the day.</param>
    /// <remarks>The last minutes are dense: a dashboard that has just opened looks as it will a while later, and there are events of today even when today is five seconds old.</remarks>
    public static IEnumerable<ReadOnlyMemory<byte>> Pieces(int seed, DateTimeOffset now)
    {
        using var generator = new TrafficGenerator(seed);
        for (var hour = 0; hour < 24; hour++)
        {
            var piece = new ArrayBufferWriter<byte>(1 << 20);
            var end = now.AddHours(-hour);
            var quiet = hour == 0 ? end - Recent : end;
            for (var at = end.AddHours(-1); at < quiet; at = at.AddMinutes(4))
            {
                generator.Write(piece, at, at.AddMinutes(4) < quiet ? at.AddMinutes(4) : quiet, MeanRate, shaped: true);
            }

            if (hour == 0)
            {
                generator.Write(piece, quiet, now, RecentRate);
            }

            yield return piece.WrittenMemory;
        }
    }
}
