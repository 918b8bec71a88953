namespace LogPipeline.Core.Live.Rolling;

/// <summary>Events of the last five seconds by the arrival clock, by combination.</summary>
internal sealed class ArrivalRate
{
    private const long SlotMicros = 250_000;
    private const int Slots = 20;
    private readonly CountTable[] counts = [.. Enumerable.Range(0, Slots * 2).Select(_ => new CountTable())];
    private readonly long[] numbers = new long[Slots * 2];

    public void Add(uint combo, long receivedMicros)
    {
        var number = receivedMicros / SlotMicros;
        var slot = (int)(number % numbers.Length);
        if (numbers[slot] != number)
        {
            if (numbers[slot] > number)
            {
                return;
            }

            numbers[slot] = number;
            counts[slot].Clear();
        }

        counts[slot].Add(combo, 1);
    }

    /// <summary>Events a second. The oldest slots drop out whole, so the mean is over the 4.75 to 5 seconds that are covered.</summary>
    public double PerSecond(long nowMicros, ReadOnlySpan<Combo> combos, byte[]? pass)
    {
        var current = nowMicros / SlotMicros;
        var events = 0L;
        for (var slot = 0; slot < numbers.Length; slot++)
        {
            if (numbers[slot] <= current - Slots || numbers[slot] > current)
            {
                continue;
            }

            var keys = counts[slot].Keys;
            var values = counts[slot].Counts;
            for (var i = 0; i < keys.Length; i++)
            {
                events += pass is null || pass[combos[(int)keys[i]].Group] != 0 ? values[i] : 0;
            }
        }

        var covered = ((Slots - 1) * SlotMicros) + (nowMicros - (current * SlotMicros));
        return events * 1e6 / covered;
    }

    public void Renumber(ReadOnlySpan<uint> combos)
    {
        foreach (var table in counts)
        {
            var (keys, values) = (table.Keys.ToArray(), table.Counts.ToArray());
            table.Clear();
            for (var i = 0; i < keys.Length; i++)
            {
                table.Add(combos[(int)keys[i]], values[i]);
            }
        }
    }
}
