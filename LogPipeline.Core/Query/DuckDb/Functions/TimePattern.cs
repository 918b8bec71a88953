using System.Globalization;
using System.Text;
using LogPipeline.Core.Query.Values;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>A date and time pattern of Spark, which is one of Java's <c>DateTimeFormatter</c> without the letters that depend on a locale's week.</summary>
/// <remarks>Source: Spark's page "Datetime patterns" and <c>java.time.format.DateTimeFormatterBuilder</c>. Sample: <c>yyyy-MM-dd'T'HH:mm:ss[.SSS]XXX</c>. A letter that is not known here is refused.</remarks>
internal sealed class TimePattern
{
    private static readonly string[] Months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
    private static readonly string[] Days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    private static readonly string[] Quarters = ["1st quarter", "2nd quarter", "3rd quarter", "4th quarter"];

    private readonly bool hasEra;

    private TimePattern(IReadOnlyList<TimePatternPart> parts)
    {
        Parts = parts;
        hasEra = parts.Any(part => part.Letter == 'G');
    }

    public IReadOnlyList<TimePatternPart> Parts { get; }

    public static TimePattern Read(string pattern)
    {
        var parts = new List<TimePatternPart>();
        var depth = 0;
        for (var at = 0; at < pattern.Length;)
        {
            var current = pattern[at];
            if (char.IsAsciiLetter(current))
            {
                var end = at;
                while (end < pattern.Length && pattern[end] == current)
                {
                    end++;
                }

                parts.Add(Field(current, end - at, pattern));
                at = end;
            }
            else if (current == '\'')
            {
                var text = Quoted(pattern, ref at);
                parts.Add(new TimePatternPart('\'', 0, text));
            }
            else if (current == '[')
            {
                depth++;
                parts.Add(new TimePatternPart('[', 0, ""));
                at++;
            }
            else if (current == ']')
            {
                if (--depth < 0)
                {
                    throw Illegal(pattern);
                }

                parts.Add(new TimePatternPart(']', 0, ""));
                at++;
            }
            else if (current is '{' or '}' or '#')
            {
                throw Illegal(pattern);
            }
            else
            {
                parts.Add(new TimePatternPart('\'', 0, current.ToString()));
                at++;
            }
        }

        // An optional part that is not closed ends with the pattern.
        for (; depth > 0; depth--)
        {
            parts.Add(new TimePatternPart(']', 0, ""));
        }

        return new TimePattern(parts);
    }

    /// <summary>Prints an instant in UTC.</summary>
    public string Format(long micros)
    {
        var days = SparkCalendar.FloorDiv(micros, SparkCalendar.MicrosPerDay);
        var ofDay = micros - (days * SparkCalendar.MicrosPerDay);
        var date = SparkCalendar.FromDays(days);
        var text = new StringBuilder();
        foreach (var part in Parts)
        {
            Append(text, part, date, days, ofDay);
        }

        return text.ToString();
    }

    private void Append(StringBuilder text, TimePatternPart part, (long Year, int Month, int Day) date, long days, long ofDay)
    {
        var hour = (int)(ofDay / 3_600_000_000);
        switch (part.Letter)
        {
            case '\'':
                text.Append(part.Text);
                break;
            case '[' or ']':
                break;
            case 'G':
                text.Append(part.Count == 4 ? (date.Year > 0 ? "Anno Domini" : "Before Christ") : date.Year > 0 ? "AD" : "BC");
                break;
            case 'y':
                AppendYear(text, hasEra && date.Year <= 0 ? 1 - date.Year : date.Year, part.Count);
                break;
            case 'M' or 'L':
                AppendText(text, part.Count, date.Month, Months[date.Month - 1]);
                break;
            case 'd':
                Pad(text, date.Day, part.Count);
                break;
            case 'D':
                _ = SparkCalendar.TryDays(date.Year, 1, 1, out var first);
                Pad(text, days - first + 1, part.Count);
                break;
            case 'E':
                var name = Days[(int)(((days % 7) + 10) % 7)];
                text.Append(part.Count == 4 ? name : name[..3]);
                break;
            case 'Q' or 'q':
                var quarter = (date.Month + 2) / 3;
                _ = part.Count switch
                {
                    3 => text.Append('Q').Append(quarter),
                    4 => text.Append(Quarters[quarter - 1]),
                    _ => Pad(text, quarter, part.Count),
                };
                break;
            case 'a':
                text.Append(hour < 12 ? "AM" : "PM");
                break;
            case 'H':
                Pad(text, hour, part.Count);
                break;
            case 'k':
                Pad(text, hour == 0 ? 24 : hour, part.Count);
                break;
            case 'K':
                Pad(text, hour % 12, part.Count);
                break;
            case 'h':
                Pad(text, hour % 12 == 0 ? 12 : hour % 12, part.Count);
                break;
            case 'm':
                Pad(text, ofDay / 60_000_000 % 60, part.Count);
                break;
            case 's':
                Pad(text, ofDay / 1_000_000 % 60, part.Count);
                break;
            case 'S':
                text.Append((ofDay % 1_000_000).ToString("D6", CultureInfo.InvariantCulture).PadRight(9, '0').AsSpan(0, part.Count));
                break;
            case 'V':
                text.Append("UTC");
                break;
            case 'z':
                text.Append(part.Count == 4 ? "Coordinated Universal Time" : "UTC");
                break;
            case 'O':
                text.Append("GMT");
                break;
            case 'X':
                text.Append('Z');
                break;
            case 'x':
                text.Append(part.Count switch { 1 => "+00", 2 or 4 => "+0000", _ => "+00:00" });
                break;
            default:
                text.Append(part.Count switch { 4 => "GMT", 5 => "Z", _ => "+0000" });
                break;
        }
    }

    /// <summary>Two letters give the last two digits; from four on, a longer year has a plus sign.</summary>
    private static void AppendYear(StringBuilder text, long year, int count)
    {
        if (count == 2)
        {
            Pad(text, Math.Abs(year) % 100, 2);
            return;
        }

        var digits = Math.Abs(year).ToString(CultureInfo.InvariantCulture);
        text.Append(year < 0 ? "-" : count >= 4 && digits.Length > count ? "+" : "").Append(digits.PadLeft(count, '0'));
    }

    private static void AppendText(StringBuilder text, int count, int number, string name)
    {
        if (count <= 2)
        {
            Pad(text, number, count);
        }
        else
        {
            text.Append(count == 3 ? name.AsSpan(0, 3) : name);
        }
    }

    private static StringBuilder Pad(StringBuilder text, long number, int count) =>
        text.Append(number.ToString(CultureInfo.InvariantCulture).PadLeft(count, '0'));

    private static string Quoted(string pattern, ref int at)
    {
        var text = new StringBuilder();
        for (at++; at < pattern.Length; at++)
        {
            if (pattern[at] != '\'')
            {
                text.Append(pattern[at]);
            }
            else if (at + 1 < pattern.Length && pattern[at + 1] == '\'')
            {
                text.Append('\'');
                at++;
            }
            else
            {
                at++;
                return text.Length == 0 ? "'" : text.ToString();
            }
        }

        throw Illegal(pattern);
    }

    private static TimePatternPart Field(char letter, int count, string pattern)
    {
        var most = letter switch
        {
            'y' => 6,
            'M' or 'L' or 'G' or 'E' or 'Q' or 'q' or 'z' => 4,
            'D' => 3,
            'd' or 'H' or 'k' or 'K' or 'h' or 'm' or 's' => 2,
            'S' => 9,
            'a' => 1,
            'V' => 2,
            'O' => 4,
            'X' or 'x' => 3,
            'Z' => 5,
            _ => 0,
        };
        return count <= most && !(letter == 'V' && count != 2) && !(letter == 'O' && count is not (1 or 4))
            ? new TimePatternPart(letter, count, "")
            : throw SparkFailure.Unsupported($"The embedded engine does not know {new string(letter, count)} in the date pattern '{pattern}'; Spark answers it.");
    }

    private static QueryException Illegal(string pattern) =>
        SparkFailure.Of("INVALID_DATETIME_PATTERN.WITH_SUGGESTION", "22007", $"Unrecognized datetime pattern: {pattern}.");
}

/// <summary>A letter repeated, a quoted text (<c>'</c>), or a bracket.</summary>
internal readonly record struct TimePatternPart(char Letter, int Count, string Text)
{
    /// <summary>Digits that it takes and never more or fewer; 0 when that varies.</summary>
    public int FixedDigits => Letter switch
    {
        'y' when Count == 2 => 2,
        'M' or 'L' or 'd' or 'H' or 'k' or 'K' or 'h' or 'm' or 's' or 'Q' or 'q' when Count == 2 => 2,
        'D' when Count == 3 => 3,
        _ => 0,
    };

    /// <summary>Whether it is a number whose digits vary.</summary>
    public bool IsOpenNumber => FixedDigits == 0 && Letter switch
    {
        'y' => true,
        'M' or 'L' or 'Q' or 'q' => Count == 1,
        'd' or 'H' or 'k' or 'K' or 'h' or 'm' or 's' or 'D' => true,
        _ => false,
    };
}
