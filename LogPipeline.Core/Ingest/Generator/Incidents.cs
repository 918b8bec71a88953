namespace LogPipeline.Core.Ingest.Generator;

/// <summary>What goes wrong, and when: a function of seed and time alone.</summary>
/// <remarks>Each stretch of twenty minutes has one incident of three to five minutes within its first sixteen, so that any half hour sees at least a minute of one.</remarks>
internal sealed class Incidents(int seed)
{
    private const long Stretch = 20 * 60;

    /// <summary>How bad an incident of a kind is at a moment: 0 for none, 1 at its height.</summary>
    public double ErrorBurst(long second) => At(second, burst: true);

    /// <summary>How bad a slow-down is at a moment: 0 for none, 1 at its height.</summary>
    public double SlowDown(long second) => At(second, burst: false);

    private double At(long second, bool burst)
    {
        var number = Math.DivRem(second, Stretch, out var within);
        var mixed = Mix((ulong)number ^ ((ulong)(uint)seed << 32));
        if ((mixed & 1) == 0 != burst)
        {
            return 0;
        }

        var length = 180 + (long)((mixed >> 8) % 120);
        var start = (long)((mixed >> 24) % (ulong)((16 * 60) - length));
        var into = within - start;
        return into < 0 || into > length ? 0 : Math.Sin(Math.PI * into / length);
    }

    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
