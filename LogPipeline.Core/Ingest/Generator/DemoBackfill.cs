using System.Buffers;

namespace LogPipeline.Core.Ingest.Generator;

/// <summary>A day of traffic before an instant, so that a demo has a past.</summary>
public static class DemoBackfill
{
    private const double MeanRate = 14_000 / 86_400.0;
    private const double HighestRecentRate = 50;
    private static readonly TimeSpan Recent = TimeSpan.FromMinutes(31);
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(4);

    /// <summary>Pieces of JSON lines, about 50,000 events at 20 a second and at most 110,000: the last hour first, then the hours before it backwards.</summary>
    /// <param name="seed">Seed of the traffic.</param>
    /// <param name="now">End of the day.</param>
    /// <param name="rate">Events a second of the traffic that goes on from there.</param>
    /// <remarks>The last minutes are as dense as what follows: a dashboard that has just opened looks as it will a while later, its quarter of an hour
    /// and the one before it, and there are events of today even when today is five seconds old.</remarks>
    public static IEnumerable<ReadOnlyMemory<byte>> Pieces(int seed, DateTimeOffset now, double rate)
    {
        var recent = Math.Clamp(rate, MeanRate, HighestRecentRate);
        using var generator = new TrafficGenerator(seed);
        for (var hour = 0; hour < 24; hour++)
        {
            var piece = new ArrayBufferWriter<byte>(1 << 20);
            var end = now.AddHours(-hour);
            var quiet = hour == 0 ? end - Recent : end;
            for (var at = end.AddHours(-1); at < quiet; at += Step)
            {
                generator.Write(piece, at, at + Step < quiet ? at + Step : quiet, MeanRate, shaped: true);
            }

            yield return piece.WrittenMemory;
            for (var at = quiet; at < end; at += Step)
            {
                piece = new ArrayBufferWriter<byte>(1 << 20);
                generator.Write(piece, at, at + Step < end ? at + Step : end, recent);
                yield return piece.WrittenMemory;
            }
        }
    }
}
