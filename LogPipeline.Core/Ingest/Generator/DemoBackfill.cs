using System.Buffers;

namespace LogPipeline.Core.Ingest.Generator;

/// <summary>A day of traffic before an instant, so that a demo has a past.</summary>
public static class DemoBackfill
{
    private const double MeanRate = 50_000 / 86_400.0;
    private static readonly TimeSpan Recent = TimeSpan.FromSeconds(15);

    /// <summary>Pieces of JSON lines, together about 50,000 events: the last hour first, then the hours before it backwards.</summary>
    /// <param name="seed">Seed of the traffic.</param>
    /// <param name="now">End of the day.</param>
    /// <remarks>The last seconds are denser, so that there are events of today even when today is five seconds old.</remarks>
    public static IEnumerable<ReadOnlyMemory<byte>> Pieces(int seed, DateTimeOffset now)
    {
        using var generator = new TrafficGenerator(seed);
        for (var hour = 0; hour < 24; hour++)
        {
            var piece = new ArrayBufferWriter<byte>(1 << 20);
            var end = now.AddHours(-hour);
            for (var at = end.AddHours(-1); at < end; at = at.AddMinutes(5))
            {
                var until = at.AddMinutes(5) < end ? at.AddMinutes(5) : end;
                generator.Write(piece, at, hour == 0 && until == end ? until - Recent : until, MeanRate, shaped: true);
            }

            if (hour == 0)
            {
                generator.Write(piece, now - Recent, now, 4);
            }

            yield return piece.WrittenMemory;
        }
    }
}
