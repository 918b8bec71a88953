using System.Buffers.Text;

namespace LogPipeline.Core.Ingest.Formats;

/// <summary>Reads the number tokens of JSON and of access logs.</summary>
internal static class Numbers
{
    /// <summary>Most digits of a number that is an exact double whatever they are.</summary>
    public const int ExactDigits = 15;

    private static ReadOnlySpan<double> PowersOfTen =>
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    /// <summary>The number of at most <see cref="ExactDigits"/> digits whose last <paramref name="decimals"/> stand behind the point.</summary>
    public static double Exact(long digits, int decimals) => digits / PowersOfTen[decimals];

    /// <summary>Reads a whole number; <c>200.0</c> and <c>2e2</c> are whole, too.</summary>
    public static bool TryWhole(ReadOnlySpan<byte> text, out long value)
    {
        if (Utf8Parser.TryParse(text, out value, out var used) && used == text.Length)
        {
            return true;
        }

        if (!TryDouble(text, out var real) || real != Math.Floor(real) || Math.Abs(real) > 9_007_199_254_740_992)
        {
            value = 0;
            return false;
        }

        value = (long)real;
        return true;
    }

    /// <summary>Reads a finite number.</summary>
    /// <remarks>
    /// Up to 15 digits with up to 15 decimals: both the digits and the power of ten are exact doubles, so that one IEEE
    /// division rounds exactly as a full parser would.
    /// </remarks>
    public static bool TryDouble(ReadOnlySpan<byte> text, out double value)
    {
        var index = 0;
        var negative = !text.IsEmpty && text[0] == '-';
        if (negative)
        {
            index++;
        }

        long digits = 0;
        var point = -1;
        if (text.Length - index is > 0 and <= 16)
        {
            var fast = true;
            for (; index < text.Length; index++)
            {
                var digit = (uint)(text[index] - '0');
                if (digit <= 9)
                {
                    digits = (digits * 10) + digit;
                }
                else if (text[index] == '.' && point < 0)
                {
                    point = index;
                }
                else
                {
                    fast = false;
                    break;
                }
            }

            // Sixteen bytes without a point would be sixteen digits, which need not be exact.
            if (fast && (point >= 0 || text.Length <= 15))
            {
                value = point < 0 ? digits : digits / PowersOfTen[text.Length - point - 1];
                value = negative ? -value : value;
                return true;
            }
        }

        return Utf8Parser.TryParse(text, out value, out var used) && used == text.Length && double.IsFinite(value);
    }
}
