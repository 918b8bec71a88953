using System.Globalization;
using System.Text;
using LogPipeline.Core.Live.Recent;

namespace LogPipeline.Core.Live.Filters;

/// <summary>One condition on a row of the ring.</summary>
internal abstract class RowTest
{
    /// <summary>Cheaper tests run first.</summary>
    public abstract int Cost { get; }

    public abstract bool Passes(RingChunk chunk, int row);
}

/// <summary>The values of one field that are wanted and left out. The empty value stands for none.</summary>
internal sealed class TermValues
{
    public TermValues(IEnumerable<FilterTerm> terms)
    {
        Wanted = [.. terms.Where(term => !term.Exclude).Select(term => term.Value)];
        LeftOut = [.. terms.Where(term => term.Exclude).Select(term => term.Value)];
    }

    public string[] Wanted { get; }

    public string[] LeftOut { get; }

    /// <summary>Whether a row without a value passes.</summary>
    public bool PassesNone => (Wanted.Length == 0 || Wanted.Contains("")) && !LeftOut.Contains("");

    public (T[] Wanted, T[] LeftOut) As<T>(Func<string, T?> parse)
        where T : struct => ([.. Wanted.Select(parse).OfType<T>()], [.. LeftOut.Select(parse).OfType<T>()]);
}

internal sealed class StringTest(int column, TermValues values, bool ignoreCase) : RowTest
{
    private readonly byte[][] wanted = [.. values.Wanted.Select(Encoding.UTF8.GetBytes)];
    private readonly byte[][] leftOut = [.. values.LeftOut.Select(Encoding.UTF8.GetBytes)];

    public override int Cost => 2;

    public override bool Passes(RingChunk chunk, int row)
    {
        var strings = (StringChunk)chunk.Column(column);
        if (strings.IsNull(row))
        {
            return values.PassesNone;
        }

        var value = strings[row];
        return (wanted.Length == 0 || Any(wanted, value)) && !Any(leftOut, value);
    }

    private bool Any(byte[][] candidates, ReadOnlySpan<byte> value)
    {
        foreach (var candidate in candidates)
        {
            if (candidate.Length == value.Length && (ignoreCase ? Ascii.EqualsIgnoreCase(candidate, value) || value.SequenceEqual(candidate) : value.SequenceEqual(candidate)))
            {
                return true;
            }
        }

        return false;
    }
}

internal sealed class NumberTest<T>(int column, TermValues values, Func<string, T?> parse) : RowTest
    where T : struct, IEquatable<T>
{
    private readonly T[] wanted = values.As(parse).Wanted;
    private readonly T[] leftOut = values.As(parse).LeftOut;

    public override int Cost => 1;

    public override bool Passes(RingChunk chunk, int row)
    {
        var numbers = (NumberChunk<T>)chunk.Column(column);
        if (numbers.IsNull(row))
        {
            return values.PassesNone;
        }

        var value = numbers[row];
        return (values.Wanted.Length == 0 || wanted.Contains(value)) && !leftOut.Contains(value);
    }
}

internal sealed class BooleanTest(int column, TermValues values) : RowTest
{
    public override int Cost => 1;

    public override bool Passes(RingChunk chunk, int row)
    {
        var flags = (BooleanChunk)chunk.Column(column);
        if (flags.IsNull(row))
        {
            return values.PassesNone;
        }

        var text = flags[row] ? "true" : "false";
        return (values.Wanted.Length == 0 || values.Wanted.Contains(text, StringComparer.OrdinalIgnoreCase)) && !values.LeftOut.Contains(text, StringComparer.OrdinalIgnoreCase);
    }
}

/// <summary>Classes of status codes, written <c>4xx</c>.</summary>
internal sealed class StatusClassTest(int column, TermValues values) : RowTest
{
    private readonly int[] wanted = values.As<int>(ClassOf).Wanted;
    private readonly int[] leftOut = values.As<int>(ClassOf).LeftOut;

    public override int Cost => 1;

    public override bool Passes(RingChunk chunk, int row)
    {
        if (column < 0 || chunk.Column(column) is not NumberChunk<int> numbers || numbers.IsNull(row))
        {
            return values.PassesNone;
        }

        var value = numbers[row] / 100;
        return (values.Wanted.Length == 0 || wanted.Contains(value)) && !leftOut.Contains(value);
    }

    private static int? ClassOf(string text) => text.Length == 3 && char.IsAsciiDigit(text[0]) && text.AsSpan(1).Equals("xx", StringComparison.OrdinalIgnoreCase) ? text[0] - '0' : null;
}

internal sealed class AttributeTest(string name, TermValues values) : RowTest
{
    private readonly byte[] name = Encoding.UTF8.GetBytes(name);
    private readonly byte[][] wanted = [.. values.Wanted.Select(Encoding.UTF8.GetBytes)];
    private readonly byte[][] leftOut = [.. values.LeftOut.Select(Encoding.UTF8.GetBytes)];

    public override int Cost => 3;

    public override bool Passes(RingChunk chunk, int row)
    {
        var attributes = chunk.Attributes;
        for (var entry = 0; entry < attributes.Count(row); entry++)
        {
            if (attributes.Key(row, entry).SequenceEqual(name) && !attributes.IsValueNull(row, entry))
            {
                var value = attributes.Value(row, entry);
                return (wanted.Length == 0 || Any(wanted, value)) && !Any(leftOut, value);
            }
        }

        return values.PassesNone;
    }

    private static bool Any(byte[][] candidates, ReadOnlySpan<byte> value)
    {
        foreach (var candidate in candidates)
        {
            if (value.SequenceEqual(candidate))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Numbers as filters write them.</summary>
internal static class FilterNumbers
{
    public static int? Int(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    public static long? Long(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    public static double? Double(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;

    public static long? Micros(string text) => Long(text) ?? (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
        ? (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond
        : null);
}
