using System.Collections.Concurrent;
using System.Text;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>What was read from a text that most rows share: a pattern, a path. Bounded; safe from any thread.</summary>
internal sealed class Remembered<T>(Func<string, T> read)
    where T : class
{
    private const int MaxEntries = 256;

    private readonly ConcurrentDictionary<string, T> byText = new(StringComparer.Ordinal);
    private Last last = new([], null);

    public T Get(ReadOnlySpan<byte> utf8)
    {
        var seen = last;
        if (seen.Value is { } value && utf8.SequenceEqual(seen.Utf8))
        {
            return value;
        }

        if (byText.Count > MaxEntries)
        {
            byText.Clear();
        }

        value = byText.GetOrAdd(Encoding.UTF8.GetString(utf8), read);
        last = new(utf8.ToArray(), value);
        return value;
    }

    private sealed record Last(byte[] Utf8, T? Value);
}
