using System.Globalization;
using System.Text;

namespace LogPipeline.Web.Components.Dashboard;

/// <summary>A series as SVG paths in a box of 100 × 24.</summary>
internal static class SparklinePath
{
    private const double Height = 24;
    private const double Top = 1.5;

    /// <summary>The line, and the ground below it. A value that is missing repeats the one before. Flat series lie at the bottom when 0, in the middle otherwise.</summary>
    public static (string Line, string Area) Of(IReadOnlyList<double?> values)
    {
        var known = values.Where(v => v is not null && double.IsFinite(v.Value)).Select(v => v!.Value).ToList();
        if (known.Count < 2)
        {
            return ("", "");
        }

        var highest = known.Max();
        var lowest = known.Min();
        var base0 = lowest < highest * 0.5 ? 0 : lowest - ((highest - lowest) * 0.3);
        var range = highest - base0;
        var line = new StringBuilder(values.Count * 10);
        var last = known[0];
        for (var i = 0; i < values.Count; i++)
        {
            last = values[i] is { } value && double.IsFinite(value) ? value : last;
            var share = range > 0 ? (last - base0) / range : highest > 0 ? 0.5 : 0;
            var x = 100.0 * i / (values.Count - 1);
            var y = Height - 0.8 - (share * (Height - 0.8 - Top));
            line.Append(i == 0 ? 'M' : 'L').Append(x.ToString("0.#", CultureInfo.InvariantCulture)).Append(' ').Append(y.ToString("0.#", CultureInfo.InvariantCulture));
        }

        return (line.ToString(), $"{line}L100 24L0 24Z");
    }
}
