using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using LogPipeline.Core.Live.Recent;

namespace LogPipeline.Core.Live.Filters;

/// <summary>Looks for a text in some columns, and in the names and values of the attributes.</summary>
internal sealed class TextTest(int[] columns, Utf8Matcher matcher) : RowTest
{
    public override int Cost => 10;

    public override bool Passes(RingChunk chunk, int row)
    {
        foreach (var column in columns)
        {
            var strings = (StringChunk)chunk.Column(column);
            if (!strings.IsNull(row) && matcher.IsIn(strings[row]))
            {
                return true;
            }
        }

        var attributes = chunk.Attributes;
        for (var entry = 0; entry < attributes.Count(row); entry++)
        {
            if (matcher.IsIn(attributes.Key(row, entry)) || (!attributes.IsValueNull(row, entry) && matcher.IsIn(attributes.Value(row, entry))))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Finds something in UTF-8.</summary>
internal abstract class Utf8Matcher
{
    /// <summary>Longer texts and expressions are refused.</summary>
    private const int MaxLength = 1_000;

    public abstract bool IsIn(ReadOnlySpan<byte> value);

    /// <exception cref="ArgumentException">The regular expression is wrong, or the text is too long.</exception>
    public static Utf8Matcher Of(string text, bool isRegex, bool matchCase)
    {
        if (text.Length > MaxLength)
        {
            throw new ArgumentException($"q: the text to find has {text.Length} characters; at most {MaxLength} are allowed");
        }

        return isRegex ? new RegexMatcher(text, matchCase)
            : matchCase ? new ExactMatcher(text)
            : System.Text.Ascii.IsValid(text) ? new AsciiMatcher(text)
            : new FoldingMatcher(text);
    }
}

internal sealed class ExactMatcher(string text) : Utf8Matcher
{
    private readonly byte[] needle = Encoding.UTF8.GetBytes(text);

    public override bool IsIn(ReadOnlySpan<byte> value) => value.IndexOf(needle) >= 0;
}

/// <summary>ASCII without regard to case: jumps from one occurrence of the rarest letter to the next.</summary>
internal sealed class AsciiMatcher : Utf8Matcher
{
    /// <summary>Bytes of log text from the most to the least frequent; others are rarer still.</summary>
    private static readonly byte[] Frequent = "e tarinso/lcdup0m1h2g-.f5yb3v4w6k978x_:=q,jz"u8.ToArray();
    private readonly byte[] needle;
    private readonly int anchor;
    private readonly byte lower;
    private readonly byte upper;

    public AsciiMatcher(string text)
    {
        needle = Encoding.ASCII.GetBytes(text);
        var rarest = -1;
        for (var i = 0; i < needle.Length; i++)
        {
            var rank = System.Array.IndexOf(Frequent, (byte)char.ToLowerInvariant((char)needle[i]));
            rank = rank < 0 ? int.MaxValue : rank;
            if (rank > rarest)
            {
                (rarest, anchor) = (rank, i);
            }
        }

        lower = (byte)char.ToLowerInvariant((char)needle[anchor]);
        upper = (byte)char.ToUpperInvariant((char)needle[anchor]);
    }

    public override bool IsIn(ReadOnlySpan<byte> value)
    {
        var last = value.Length - needle.Length;
        for (var start = 0; start <= last; start++)
        {
            var hit = value.Slice(start + anchor, last - start + 1).IndexOfAny(lower, upper);
            if (hit < 0)
            {
                return false;
            }

            start += hit;
            if (System.Text.Ascii.EqualsIgnoreCase(value.Slice(start, needle.Length), needle))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Any text without regard to case.</summary>
internal sealed class FoldingMatcher(string text) : Utf8Matcher
{
    public override bool IsIn(ReadOnlySpan<byte> value)
    {
        var chars = ArrayPool<char>.Shared.Rent(value.Length);
        var length = Encoding.UTF8.GetChars(value, chars);
        var found = chars.AsSpan(0, length).Contains(text, StringComparison.OrdinalIgnoreCase);
        ArrayPool<char>.Shared.Return(chars);
        return found;
    }
}

/// <summary>A regular expression: in linear time where it can be, otherwise with a time limit for each value.</summary>
internal sealed class RegexMatcher : Utf8Matcher
{
    /// <summary>Generous, because a busy machine makes any expression slow: the linear engine only needs it against a stall.</summary>
    private static readonly TimeSpan LinearLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BacktrackingLimit = TimeSpan.FromMilliseconds(250);
    private readonly Regex regex;

    public RegexMatcher(string pattern, bool matchCase)
    {
        var options = RegexOptions.CultureInvariant | (matchCase ? RegexOptions.None : RegexOptions.IgnoreCase);
        try
        {
            regex = Make(pattern, options);
        }
        catch (ArgumentException error)
        {
            throw new ArgumentException($"q: the regular expression is wrong: {error.Message}", error);
        }
    }

    /// <exception cref="ArgumentException">The expression takes too long.</exception>
    public override bool IsIn(ReadOnlySpan<byte> value)
    {
        var chars = ArrayPool<char>.Shared.Rent(value.Length);
        try
        {
            var length = Encoding.UTF8.GetChars(value, chars);
            return regex.IsMatch(chars.AsSpan(0, length));
        }
        catch (RegexMatchTimeoutException error)
        {
            throw new ArgumentException("q: the regular expression takes too long; leave out nested repetitions and look-arounds", error);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(chars);
        }
    }

    private static Regex Make(string pattern, RegexOptions options)
    {
        try
        {
            return new Regex(pattern, options | RegexOptions.NonBacktracking, LinearLimit);
        }
        catch (NotSupportedException)
        {
            // Look-arounds, back references and automata above the size limit.
            return new Regex(pattern, options, BacktrackingLimit);
        }
    }
}
