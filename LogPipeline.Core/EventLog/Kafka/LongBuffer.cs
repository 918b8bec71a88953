using System.Buffers;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>A growing rented array of numbers.</summary>
internal sealed class LongBuffer
{
    private long[] array = [];

    /// <summary>Numbers held.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a number.</summary>
    public void Add(long value)
    {
        if (Count == array.Length)
        {
            var larger = ArrayPool<long>.Shared.Rent(Math.Max(256, Count * 2));
            array.AsSpan(0, Count).CopyTo(larger);
            Return(array);
            array = larger;
        }

        array[Count++] = value;
    }

    /// <summary>Hands the array over, and starts again empty.</summary>
    public (long[] Array, int Count) Take()
    {
        var taken = (array, Count);
        array = [];
        Count = 0;
        return taken;
    }

    /// <summary>Gives an array back.</summary>
    public static void Return(long[] array)
    {
        if (array.Length > 0)
        {
            ArrayPool<long>.Shared.Return(array);
        }
    }
}
