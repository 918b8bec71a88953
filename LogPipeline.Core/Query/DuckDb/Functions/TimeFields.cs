using LogPipeline.Core.Query.Values;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>The numbers that were read by the letters of a pattern, and the instant that they mean together.</summary>
internal sealed class TimeFields
{
    private const long Absent = long.MinValue;

    private readonly Dictionary<char, long> values = [];

    /// <summary>The zone that was read, or null.</summary>
    public TimeZoneInfo? Zone { get; set; }

    public TimeFields Copy()
    {
        var copy = new TimeFields { Zone = Zone };
        foreach (var (letter, value) in values)
        {
            copy.values[letter] = value;
        }

        return copy;
    }

    /// <summary>False when the number is out of its range, or was read before as another one.</summary>
    public bool Set(char letter, long value)
    {
        var (least, most) = letter switch
        {
            'y' => (-999_999, 999_999),
            'M' => (1, 12),
            'd' => (1, 31),
            'D' => (1, 366),
            'Q' => (1, 4),
            'H' => (0, 23),
            'k' => (1, 24),
            'K' => (0, 11),
            'h' => (1, 12),
            'm' or 's' => (0, 59),
            _ => (0, 999_999_999),
        };
        return value >= least && value <= most && (values.TryAdd(letter, value) || values[letter] == value);
    }

    /// <summary>False when there is no such day or time, or its parts disagree.</summary>
    public bool TryResolve(out long micros)
    {
        micros = 0;
        if (!TryDay(out var days) || !TryTime(out var ofDay))
        {
            return false;
        }

        var wall = (days * SparkCalendar.MicrosPerDay) + ofDay;
        micros = Zone is null ? wall : Zones.FromWall(wall, Zone);
        return true;
    }

    private long this[char letter] => values.GetValueOrDefault(letter, Absent);

    private bool TryDay(out int days)
    {
        var year = this['y'] == Absent ? 1_970 : this['y'];
        if (this['G'] != Absent)
        {
            if (year < 1)
            {
                days = 0;
                return false;
            }

            year = this['G'] == 1 ? 1 - year : year;
        }

        var month = (int)(this['M'] == Absent ? 1 : this['M']);
        var day = (int)(this['d'] == Absent ? 1 : this['d']);
        if (this['D'] != Absent)
        {
            if (!SparkCalendar.TryDays(year, 1, 1, out days) || this['D'] > (SparkCalendar.IsLeap(year) ? 366 : 365))
            {
                return false;
            }

            days += (int)this['D'] - 1;
            var date = SparkCalendar.FromDays(days);
            if ((this['M'] != Absent && date.Month != month) || (this['d'] != Absent && date.Day != day))
            {
                return false;
            }
        }
        else if (!SparkCalendar.TryDays(year, month, day, out days))
        {
            return false;
        }

        return (this['Q'] == Absent || this['M'] == Absent || (month + 2) / 3 == this['Q'])
            && (this['E'] == Absent || ((days % 7) + 10) % 7 == this['E']);
    }

    private bool TryTime(out long micros)
    {
        var ofHalf = this['K'] != Absent ? this['K'] : this['h'] != Absent ? this['h'] % 12 : Absent;
        var hour = this['H'] != Absent ? this['H'] : this['k'] != Absent ? this['k'] % 24 : Absent;
        var half = this['a'];
        micros = 0;
        if (ofHalf != Absent)
        {
            var whole = ofHalf + ((half == Absent ? 0 : half) * 12);
            if (hour != Absent && hour != whole)
            {
                return false;
            }

            hour = whole;
        }
        else if (hour != Absent && half != Absent && hour / 12 != half)
        {
            return false;
        }

        micros = (((Or(hour) * 3_600) + (Or(this['m']) * 60) + Or(this['s'])) * 1_000_000) + (Or(this['S']) / 1_000);
        return true;

        static long Or(long value) => value == Absent ? 0 : value;
    }
}
