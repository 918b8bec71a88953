using System.Globalization;
using System.Text;
using LogPipeline.Core.Query.Values;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>Rounding, exact division, number bases and grouped digits.</summary>
internal static class DecimalFunctions
{
    public static IReadOnlyList<ScalarFunction> All { get; } =
    [
        new(SparkFunctionNames.Round, [SqlType.Double, SqlType.Integer], SqlType.Double, static (in call, row) =>
            call.Result.Set(row, Round(call[0].Get<double>(row), call[1].Get<int>(row), halfEven: false))),
        new(SparkFunctionNames.BRound, [SqlType.Double, SqlType.Integer], SqlType.Double, static (in call, row) =>
            call.Result.Set(row, Round(call[0].Get<double>(row), call[1].Get<int>(row), halfEven: true))),
        new(SparkFunctionNames.DivDecimal, [SqlType.HugeInt, SqlType.HugeInt], SqlType.HugeInt, static (in call, row) =>
            call.Result.Set(row, Divide(call[0].Get<Int128>(row), call[1].Get<Int128>(row)))) { CanFail = true },
        new(SparkFunctionNames.Conv, [SqlType.Varchar, SqlType.Integer, SqlType.Integer], SqlType.Varchar, static (in call, row) =>
            call.Result.Set(row, Convert(call[0].Text(row), call[1].Get<int>(row), call[2].Get<int>(row)))) { CanFail = true },
        new(SparkFunctionNames.FormatNumber, [SqlType.Varchar, SqlType.Integer], SqlType.Varchar, static (in call, row) =>
            call.Result.Set(row, FormatNumber(call[0].Text(row), call[1].Get<int>(row)))),
        new(SparkFunctionNames.FormatNumber, [SqlType.Double, SqlType.Integer], SqlType.Varchar, static (in call, row) =>
            call.Result.Set(row, FormatNumber(call[0].Get<double>(row), call[1].Get<int>(row)))),
    ];

    /// <summary>Rounds the digits that are printed, not the binary value behind them: 1.005 to two places is 1.01.</summary>
    public static double Round(double value, int scale, bool halfEven)
    {
        if (!double.IsFinite(value) || value == 0)
        {
            return value;
        }

        var number = ExactNumber.OfPrinted(value);
        if (scale >= number.Scale)
        {
            return value;
        }

        return number.TryRound(scale, halfEven, 400, out var unscaled)
            ? double.Parse(ExactNumber.Print(unscaled, scale), CultureInfo.InvariantCulture)
            : value;
    }

    /// <summary>The quotient rounded half away from zero.</summary>
    public static Int128 Divide(Int128 dividend, Int128 divisor)
    {
        if (divisor == 0)
        {
            throw SparkFailure.DivideByZero();
        }

        var (quotient, remainder) = Int128.DivRem(dividend, divisor);
        var left = Int128.Abs(remainder);
        var whole = UInt128.CreateTruncating(Int128.IsNegative(divisor) ? -divisor : divisor);
        return UInt128.CreateTruncating(left) >= whole - UInt128.CreateTruncating(left)
            ? quotient + (Int128.IsNegative(dividend) == Int128.IsNegative(divisor) ? 1 : -1)
            : quotient;
    }

    /// <summary>A number in another base, through 64 unsigned bits; a negative target base gives a signed number.</summary>
    private static string? Convert(string text, int from, int to)
    {
        var trimmed = text.Trim(' ');
        if (from is < 2 or > 36 || Math.Abs((long)to) is < 2 or > 36 || trimmed.Length == 0)
        {
            return null;
        }

        var negative = trimmed[0] == '-';
        ulong value = 0;
        foreach (var character in trimmed.AsSpan(negative ? 1 : 0))
        {
            var digit = Digit(character);
            if (digit < 0 || digit >= from)
            {
                break;
            }

            var next = (UInt128)value * (uint)from + (uint)digit;
            if (next > ulong.MaxValue)
            {
                throw SparkFailure.Of("ARITHMETIC_OVERFLOW", "22003", "Overflow in function conv(). If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error.");
            }

            value = (ulong)next;
        }

        if (negative && to > 0)
        {
            value = (long)value < 0 ? ulong.MaxValue : (ulong)-(long)value;
        }

        var signed = negative;
        if (to < 0 && (long)value < 0)
        {
            value = (ulong)-(long)value;
            signed = true;
        }

        return (signed && to < 0 ? "-" : "") + Print(value, (uint)Math.Abs(to));

        static int Digit(char character) =>
            char.IsAsciiDigit(character) ? character - '0'
            : char.IsAsciiLetter(character) ? (character | 0x20) - 'a' + 10
            : -1;
    }

    private static string Print(ulong value, uint radix)
    {
        Span<char> digits = stackalloc char[64];
        var at = digits.Length;
        do
        {
            digits[--at] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(int)(value % radix)];
            value /= radix;
        }
        while (value != 0);

        return digits[at..].ToString();
    }

    /// <summary>Groups of three digits and a fixed number of places of an exact number, ties to even.</summary>
    internal static string? FormatNumber(string number, int places) =>
        places < 0 ? null
        : ExactNumber.TryParse(number, out var exact) ? Format(exact, places, number.StartsWith('-'))
        : throw SparkFailure.Of("CAST_INVALID_INPUT", "22018", $"{number} is no number.");

    /// <summary>The printed digits when they have no more places; else the binary value decides how they are rounded: 490.605 is 490.61.</summary>
    internal static string? FormatNumber(double number, int places) =>
        places < 0 ? null
        : double.IsNaN(number) ? "NaN"
        : double.IsInfinity(number) ? number > 0 ? "∞" : "-∞"
        : Format(ExactNumber.OfPrinted(number) is var printed && printed.Scale <= places ? printed : ExactNumber.OfBinary(number), places, double.IsNegative(number));

    private static string Format(ExactNumber number, int places, bool negative) =>
        number.TryRound(places, halfEven: true, 1_000, out var unscaled)
            ? Group(ExactNumber.Print(unscaled, places), negative)
            : throw SparkFailure.Unsupported("The embedded engine prints numbers with 400 places at most.");

    /// <summary>Java keeps the sign of a negative number that rounds to zero.</summary>
    private static string Group(string plain, bool negative)
    {
        var digits = plain.TrimStart('-');
        var point = digits.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? digits : digits[..point];
        var grouped = new StringBuilder(negative ? "-" : "");
        for (var index = 0; index < whole.Length; index++)
        {
            if (index > 0 && (whole.Length - index) % 3 == 0)
            {
                grouped.Append(',');
            }

            grouped.Append(whole[index]);
        }

        return grouped.Append(point < 0 ? "" : digits[point..]).ToString();
    }
}
