using System.Globalization;

namespace LogPipeline.Web.Components.Format;

/// <summary>Numbers as every page writes them: 1,184 · 25.6 k (chips only) · 0.86 % · 214 ms · 4,619 MB · – for none.</summary>
/// <remarks>The space before a unit does not break (U+00A0).</remarks>
public static class Numbers
{
    /// <summary>What stands for a value that does not exist.</summary>
    public const string None = "–";

    /// <summary>1,184.</summary>
    public static string Count(long? value) => value is { } count ? count.ToString("N0", CultureInfo.InvariantCulture) : None;

    /// <summary>9,096 · 25.6 k · 1.01 M: three digits, for chips.</summary>
    public static string Short(long value) => value switch
    {
        < 0 => None,
        < 10_000 => Count(value),
        < 999_500 => Three(value / 1e3) + "\u00A0k",
        < 999_500_000 => Three(value / 1e6) + "\u00A0M",
        _ => Three(value / 1e9) + "\u00A0G",
    };

    /// <summary>1,184 · 47.1 · 0.23: a rate, without its unit.</summary>
    public static string Rate(double? value) => value switch
    {
        null => None,
        >= 1000 or 0 => Fixed(value.Value, 0),
        >= 10 => Fixed(value.Value, 1),
        _ => Fixed(value.Value, 2),
    };

    /// <summary>0.86: a share of a hundred, without its unit.</summary>
    public static string Percent(double? value) => value is { } percent ? Fixed(percent, 2) : None;

    /// <summary>214 · 3,012 · 0.7: milliseconds, without their unit.</summary>
    public static string Ms(double? value) => value switch
    {
        null => None,
        >= 10 or 0 => Fixed(value.Value, 0),
        _ => Fixed(value.Value, 1),
    };

    /// <summary>4,619 · 0.42: megabytes of a million bytes, without their unit.</summary>
    public static string Megabytes(long? bytes) => bytes switch
    {
        null => None,
        >= 100_000_000 or 0 => Fixed(bytes.Value / 1e6, 0),
        >= 10_000_000 => Fixed(bytes.Value / 1e6, 1),
        _ => Fixed(bytes.Value / 1e6, 2),
    };

    /// <summary>+1.4 % · +224 % · ×45: how much a value differs from the one before; null when there is nothing to compare with.</summary>
    public static string? Change(double? now, double? before)
    {
        if (now is not { } current || before is not { } earlier || earlier == 0)
        {
            return null;
        }

        var percent = (current - earlier) / earlier * 100;
        if (percent >= 999.5)
        {
            return "×" + Fixed(current / earlier, 0);
        }

        var digits = Math.Abs(percent) >= 100 ? 0 : 1;
        return Signed(percent, digits) + "\u00A0%";
    }

    /// <summary>+0.58 pt: how many points a percentage differs from the one before.</summary>
    public static string? Points(double? now, double? before) =>
        now is { } current && before is { } earlier ? Signed(current - earlier, 2) + "\u00A0pt" : null;

    private static string Signed(double value, int digits)
    {
        var text = Fixed(Math.Abs(value), digits);
        var zero = text.All(c => c is '0' or '.' or ',');
        return (zero ? "±" : value > 0 ? "+" : "−") + text;
    }

    private static string Three(double value) => Fixed(value, value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);

    private static string Fixed(double value, int digits) =>
        double.IsFinite(value) ? value.ToString("N" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : None;
}
