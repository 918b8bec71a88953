namespace LogPipeline.Core.Percentiles;

/// <summary>Bins for response times, the same ones for the live view and for tables: 32 of equal width in each power of two, read straight from the bits of the double.</summary>
/// <remarks>
/// A bin from <c>a</c> has the width <c>2^e/32 ≤ a/32</c>. Its middle is at most <c>a/64</c> away from any value in it: a relative error of 1.6 %.
/// Values below <see cref="Least"/> count as 0, values from <see cref="Most"/> fall in the last bin.
/// </remarks>
internal static class ResponseBins
{
    public const int Count = 1 + (Octaves * PerOctave);
    public const int Bits = 11;
    public const double Least = 1.0 / 1024;
    public const double Most = 1 << (Octaves - OctavesBelowOne);
    public const int PerOctave = 32;
    public const int OctavesBelowOne = 10;
    private const int Octaves = 34;
    private const int FirstBits = (1023 - OctavesBelowOne) * PerOctave;

    public static int Of(double milliseconds)
    {
        if (!(milliseconds >= Least))
        {
            return 0;
        }

        var bin = (int)(BitConverter.DoubleToInt64Bits(milliseconds) >> 47) - FirstBits + 1;
        return Math.Min(bin, Count - 1);
    }

    /// <summary>The middle of a bin, in milliseconds.</summary>
    public static double Middle(int bin)
    {
        if (bin == 0)
        {
            return 0;
        }

        var low = BitConverter.Int64BitsToDouble((long)(bin - 1 + FirstBits) << 47);
        var high = BitConverter.Int64BitsToDouble((long)(bin + FirstBits) << 47);
        return (low + high) / 2;
    }

    /// <summary>The value at a quantile by the nearest rank, or null when nothing was counted.</summary>
    public static double? Quantile(ReadOnlySpan<long> bins, long total, double quantile)
    {
        if (total == 0)
        {
            return null;
        }

        var rank = Math.Max(1, (long)Math.Ceiling(quantile * total));
        var seen = 0L;
        for (var bin = 0; bin < bins.Length; bin++)
        {
            seen += bins[bin];
            if (seen >= rank)
            {
                return Middle(bin);
            }
        }

        return null;
    }
}
