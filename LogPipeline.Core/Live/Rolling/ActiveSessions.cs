namespace LogPipeline.Core.Live.Rolling;

/// <summary>Distinct sessions of the last five minutes: exact to 100,000, estimated from a sample of sessions beyond.</summary>
internal sealed class ActiveSessions
{
    public const int WindowSeconds = 300;
    public const int ExactTo = 100_000;
    private readonly RecencyTable sessions = new(ExactTo + (ExactTo / 4));
    private readonly RecencyTable pairs = new(1 << 20);
    private readonly KeyIndex<ulong> distinct = new();

    /// <summary>Whether any event ever had a session.</summary>
    public bool Any { get; private set; }

    public void Touch(ulong key, long second)
    {
        Any = true;
        sessions.Touch(key & ~((1UL << SessionSet.GroupBits) - 1), second);
        pairs.Touch(key, second);
    }

    /// <summary>Distinct sessions seen from a second on, in the groups that pass; null for all groups.</summary>
    public (long Count, bool Exact) Count(long from, byte[]? pass)
    {
        if (pass is null)
        {
            var all = sessions.CountFrom(from);
            return (all << sessions.Level, sessions.Level == 0);
        }

        distinct.Clear();
        var keys = pairs.Keys;
        var last = pairs.Last;
        for (var i = 0; i < keys.Length; i++)
        {
            if (last[i] >= from && pass[(int)(keys[i] & 0xFFFF)] != 0 && SessionSet.IsKept(keys[i], pairs.Level))
            {
                distinct.GetOrAdd(keys[i] >> SessionSet.GroupBits, out _);
            }
        }

        return ((long)distinct.Count << pairs.Level, pairs.Level == 0);
    }

    /// <summary>Gives every group its new number.</summary>
    public void Renumber(ReadOnlySpan<int> groups) => pairs.Renumber(groups);

    /// <summary>When each key was seen last. Above its capacity it forgets what is over, then samples by the session's hash.</summary>
    private sealed class RecencyTable(int capacity)
    {
        private KeyIndex<ulong> index = new();
        private long[] last = [];
        private long newest = long.MinValue;
        private long loweredAt = long.MinValue / 2;
        private int storeLevel;

        /// <summary>Level to count at. A lowered level holds for counting once the whole window was stored at it.</summary>
        public int Level => storeLevel + (newest - loweredAt <= WindowSeconds ? 1 : 0);

        public ReadOnlySpan<ulong> Keys => index.Keys;

        public ReadOnlySpan<long> Last => last.AsSpan(0, index.Count);

        public void Touch(ulong key, long second)
        {
            newest = Math.Max(newest, second);
            if (!SessionSet.IsKept(key, storeLevel))
            {
                return;
            }

            var at = index.GetOrAdd(key, out var added);
            if (!added)
            {
                last[at] = Math.Max(last[at], second);
                return;
            }

            if (at >= last.Length)
            {
                System.Array.Resize(ref last, index.Capacity);
            }

            last[at] = second;
            if (index.Count > capacity)
            {
                MakeRoom();
            }
        }

        public long CountFrom(long from)
        {
            var count = 0L;
            var level = Level;
            var keys = Keys;
            for (var i = 0; i < keys.Length; i++)
            {
                count += last[i] >= from && SessionSet.IsKept(keys[i], level) ? 1 : 0;
            }

            return count;
        }

        public void Renumber(ReadOnlySpan<int> groups)
        {
            var (keys, times) = (Keys.ToArray(), Last.ToArray());
            index = new();
            for (var i = 0; i < keys.Length; i++)
            {
                Touch((keys[i] & ~0xFFFFUL) | (uint)groups[(int)(keys[i] & 0xFFFF)], times[i]);
            }
        }

        private void MakeRoom()
        {
            Keep();
            if (index.Count > capacity * 3 / 4)
            {
                storeLevel++;
                loweredAt = long.MinValue / 2;
                Keep();
            }
            else if (storeLevel > 0 && index.Count < capacity / 8 && newest - loweredAt > WindowSeconds)
            {
                storeLevel--;
                loweredAt = newest;
            }
        }

        private void Keep()
        {
            var kept = new KeyIndex<ulong>();
            var times = new long[last.Length];
            var keys = Keys;
            for (var i = 0; i < keys.Length; i++)
            {
                if (last[i] >= newest - WindowSeconds && SessionSet.IsKept(keys[i], storeLevel))
                {
                    times[kept.GetOrAdd(keys[i], out _)] = last[i];
                }
            }

            index = kept;
            last = times;
        }
    }
}
