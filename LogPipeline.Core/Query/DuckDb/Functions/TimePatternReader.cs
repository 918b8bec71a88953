using System.Globalization;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>Reads an instant from text by a <see cref="TimePattern"/>, strictly: every part must be there and agree.</summary>
/// <remarks>What the pattern lacks is 1970-01-01 00:00:00 in UTC. Names are read without regard to case. Source: Spark's <c>TimestampFormatter</c>.</remarks>
internal ref struct TimePatternReader(TimePattern pattern, string text)
{
    private static readonly string[] Months = CultureInfo.InvariantCulture.DateTimeFormat.MonthNames;
    private static readonly string[] Days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    private readonly TimePattern pattern = pattern;
    private readonly string text = text;
    private TimeFields fields = new();

    public static bool TryRead(TimePattern pattern, string text, out long micros)
    {
        var reader = new TimePatternReader(pattern, text);
        micros = 0;
        return reader.Parts(0, pattern.Parts.Count, 0) == text.Length && reader.fields.TryResolve(out micros);
    }

    /// <summary>Reads the parts from <paramref name="index"/> to <paramref name="end"/>; the place behind them, or -1.</summary>
    private int Parts(int index, int end, int at)
    {
        while (index < end)
        {
            var part = pattern.Parts[index];
            if (part.Letter == '[')
            {
                var close = Close(index);
                var before = fields.Copy();
                var after = Parts(index + 1, close, at);
                if (after >= 0)
                {
                    at = after;
                }
                else
                {
                    fields = before;
                }

                index = close + 1;
                continue;
            }

            at = Part(part, index, at);
            if (at < 0)
            {
                return -1;
            }

            index++;
        }

        return at;
    }

    private readonly int Close(int open)
    {
        var depth = 0;
        for (var index = open; ; index++)
        {
            depth += pattern.Parts[index].Letter switch { '[' => 1, ']' => -1, _ => 0 };
            if (depth == 0)
            {
                return index;
            }
        }
    }

    private int Part(TimePatternPart part, int index, int at)
    {
        if (part.Letter == '\'')
        {
            return string.Compare(text, at, part.Text, 0, part.Text.Length, StringComparison.OrdinalIgnoreCase) == 0 && at + part.Text.Length <= text.Length
                ? at + part.Text.Length
                : -1;
        }

        if (part.FixedDigits > 0 || part.IsOpenNumber)
        {
            return Number(part, index, at);
        }

        switch (part.Letter)
        {
            case 'S':
                return Fraction(part.Count, at);
            case 'M' or 'L':
                return Name(Months, part.Count, at, 'M', 1);
            case 'E':
                return Name(Days, part.Count, at, 'E', 0);
            case 'a':
                return Name(["AM", "PM"], 4, at, 'a', 0);
            case 'G':
                return Name(part.Count == 4 ? ["Anno Domini", "Before Christ"] : ["AD", "BC"], 4, at, 'G', 0);
            case 'V' or 'z' or 'O' or 'X' or 'x' or 'Z':
                return Zone(part, at);
            default:
                throw SparkFailure.Unsupported($"The embedded engine does not read {new string(part.Letter, part.Count)} from text; Spark answers it.");
        }
    }

    private int Number(TimePatternPart part, int index, int at)
    {
        var least = part.FixedDigits > 0 ? part.FixedDigits : part.Count;
        var most = part.FixedDigits > 0 ? part.FixedDigits : part.Letter == 'y' || part.Count == 1 ? 18 : part.Count;
        var start = at;
        var negative = false;
        var plus = false;
        if (part.Letter == 'y' && part.Count != 2 && at < text.Length && text[at] is '-' or '+')
        {
            negative = text[at] == '-';
            plus = !negative;
            start = ++at;
            if (plus && part.Count < 4)
            {
                return -1;
            }
        }

        var digits = 0;
        while (at + digits < text.Length && char.IsAsciiDigit(text[at + digits]) && digits < 18)
        {
            digits++;
        }

        if (part.IsOpenNumber)
        {
            // Numbers that follow at once keep their digits: 20150517 for yyyyMMdd.
            digits -= Math.Min(digits, FollowingDigits(index));
        }

        digits = Math.Min(digits, most);
        if (digits < least)
        {
            return -1;
        }

        if (part.Letter == 'y' && part.Count >= 4 && !negative && (plus ? digits <= part.Count : digits > part.Count))
        {
            return -1;
        }

        var value = long.Parse(text.AsSpan(start, digits), NumberStyles.None, CultureInfo.InvariantCulture);
        if (part.Letter == 'y' && part.Count == 2)
        {
            value += 2_000;
        }

        return fields.Set(part.Letter == 'L' ? 'M' : part.Letter == 'q' ? 'Q' : part.Letter, negative ? -value : value) ? start + digits : -1;
    }

    private readonly int FollowingDigits(int index)
    {
        var digits = 0;
        for (var next = index + 1; next < pattern.Parts.Count && pattern.Parts[next].FixedDigits > 0; next++)
        {
            digits += pattern.Parts[next].FixedDigits;
        }

        return digits;
    }

    private int Fraction(int most, int at)
    {
        var digits = 0;
        long nanos = 0;
        while (digits < most && at + digits < text.Length && char.IsAsciiDigit(text[at + digits]))
        {
            nanos = (nanos * 10) + text[at + digits] - '0';
            digits++;
        }

        for (var place = digits; place < 9; place++)
        {
            nanos *= 10;
        }

        return digits > 0 && fields.Set('S', nanos) ? at + digits : -1;
    }

    private readonly int Name(string[] names, int count, int at, char letter, int first)
    {
        for (var index = 0; index < names.Length; index++)
        {
            var name = count == 4 ? names[index] : names[index].Length >= 3 ? names[index][..3] : "";
            if (name.Length > 0 && at + name.Length <= text.Length && string.Compare(text, at, name, 0, name.Length, StringComparison.OrdinalIgnoreCase) == 0)
            {
                return fields.Set(letter, index + first) ? at + name.Length : -1;
            }
        }

        return -1;
    }

    private int Zone(TimePatternPart part, int at)
    {
        var end = at;
        if (part.Letter is 'V' or 'z' or 'O')
        {
            while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '/' or '_' or '+' or '-' or ':'))
            {
                end++;
            }
        }
        else if (part.Letter == 'X' || part.Count == 5)
        {
            end = at < text.Length && text[at] is 'Z' or 'z' ? at + 1 : Offset(at, part);
        }
        else
        {
            end = Offset(at, part);
        }

        if (end <= at)
        {
            return -1;
        }

        fields.Zone = Zones.Find(text[at..end] == "z" ? "Z" : text[at..end]);
        return fields.Zone is null ? -1 : end;
    }

    /// <summary>The end of <c>+01</c>, <c>+0100</c> or <c>+01:00</c>, as the letters say.</summary>
    private readonly int Offset(int at, TimePatternPart part)
    {
        if (at >= text.Length || text[at] is not ('+' or '-') || !TwoDigits(at + 1))
        {
            return -1;
        }

        var colon = part.Letter is 'X' or 'x' ? part.Count == 3 : part.Count is 5;
        if (colon)
        {
            return at + 3 < text.Length && text[at + 3] == ':' && TwoDigits(at + 4) ? at + 6 : -1;
        }

        return TwoDigits(at + 3) ? at + 5 : part is { Letter: 'X' or 'x', Count: 1 } ? at + 3 : -1;
    }

    private readonly bool TwoDigits(int at) => at + 1 < text.Length && char.IsAsciiDigit(text[at]) && char.IsAsciiDigit(text[at + 1]);
}
