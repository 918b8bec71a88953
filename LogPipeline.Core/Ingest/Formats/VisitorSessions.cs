using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace LogPipeline.Core.Ingest.Formats;

/// <summary>Makes up sessions for logs that have none: the same address and agent without a longer pause is one visit.</summary>
/// <remarks>An id is a hash of address, agent and the visit's first second, so that reading the same lines again gives the same ids.</remarks>
internal sealed class VisitorSessions(TimeSpan idle, int capacity)
{
    private readonly Dictionary<ulong, Visit> visits = [];
    private readonly long idleMicros = idle.Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The id of the visit that a request belongs to.</summary>
    public ulong Find(ReadOnlySpan<byte> address, ReadOnlySpan<byte> agent, long micros)
    {
        var visitor = XxHash3.HashToUInt64(agent, (long)XxHash3.HashToUInt64(address));
        if (visits.Count >= capacity)
        {
            Forget();
        }

        ref var visit = ref CollectionsMarshal.GetValueRefOrAddDefault(visits, visitor, out var known);
        if (!known || micros - visit.Last > idleMicros)
        {
            visit.First = micros;
            visit.Last = micros;
        }

        visit.Last = Math.Max(visit.Last, micros);
        return visitor ^ ((ulong)(visit.First / 1_000_000) * 0x9E3779B97F4A7C15);
    }

    private void Forget()
    {
        // The longest idle half goes at once, so that this stays rare.
        var lasts = visits.Values.Select(visit => visit.Last).ToArray();
        Array.Sort(lasts);
        var middle = lasts[lasts.Length / 2];
        foreach (var visitor in visits.Where(pair => pair.Value.Last <= middle).Select(pair => pair.Key).ToList())
        {
            visits.Remove(visitor);
        }
    }

    private struct Visit
    {
        public long First;
        public long Last;
    }
}
