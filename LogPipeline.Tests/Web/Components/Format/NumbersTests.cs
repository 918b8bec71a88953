using LogPipeline.Web.Components.Format;
using Xunit;

namespace LogPipeline.Tests.Web.Components.Format;

public sealed class NumbersTests
{
    [Theory]
    [InlineData(0L, "0")]
    [InlineData(9_096L, "9,096")]
    [InlineData(25_612L, "25.6 k")]
    [InlineData(99_960L, "100 k")]
    [InlineData(999_499L, "999 k")]
    [InlineData(999_500L, "1.00 M")]
    [InlineData(1_012_345L, "1.01 M")]
    [InlineData(21_700_000_000L, "21.7 G")]
    public void A_chip_shows_three_digits(long count, string text) => Assert.Equal(text.Replace(' ', '\u00A0'), Numbers.Short(count));

    [Theory]
    [InlineData(101.4, 100.0, "+1.4 %")]
    [InlineData(324.0, 100.0, "+224 %")]
    [InlineData(4_500.0, 100.0, "×45")]
    [InlineData(60.0, 100.0, "−40.0 %")]
    [InlineData(100.01, 100.0, "±0.0 %")]
    public void A_change_has_its_sign(double now, double before, string text) => Assert.Equal(text.Replace(' ', '\u00A0'), Numbers.Change(now, before));

    [Fact]
    public void A_change_from_nothing_is_not_known()
    {
        Assert.Null(Numbers.Change(5, 0));
        Assert.Null(Numbers.Change(5, null));
        Assert.Null(Numbers.Change(null, 5));
    }

    [Fact]
    public void What_does_not_exist_is_a_dash_and_never_zero()
    {
        Assert.Equal("–", Numbers.Count(null));
        Assert.Equal("–", Numbers.Ms(null));
        Assert.Equal("–", Numbers.Percent(double.NaN));
        Assert.Equal("–", Numbers.Megabytes(null));
        Assert.Equal("–", Numbers.Rate(double.PositiveInfinity));
    }

    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(0.23, "0.23")]
    [InlineData(47.12, "47.1")]
    [InlineData(1184.0, "1,184")]
    public void A_rate_shows_what_matters(double rate, string text) => Assert.Equal(text, Numbers.Rate(rate));

    [Theory]
    [InlineData(0.4, "0.4 s")]
    [InlineData(-3.0, "0.0 s")]
    [InlineData(14.2, "14 s")]
    [InlineData(59.4, "59 s")]
    [InlineData(59.7, "59 s")]
    [InlineData(136.0, "2 min 16 s")]
    [InlineData(11_100.0, "3 h 5 min")]
    [InlineData(187_200.0, "2 d 4 h")]
    public void An_age_has_two_units_at_most(double seconds, string text) => Assert.Equal(text.Replace(' ', '\u00A0'), Ages.Text(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Times_are_of_the_browsers_zone_or_of_utc()
    {
        var clock = new BrowserTime();
        var micros = BrowserTime.ToMicros(new DateTimeOffset(2026, 11, 23, 14, 42, 7, 412, TimeSpan.Zero));
        clock.SetZone("no such zone", 90);
        Assert.Equal("16:12:07.412", clock.Row(micros));
        clock.SetUtc(true);
        Assert.Equal("14:42:07.412", clock.Row(micros));
        Assert.Equal("2026-11-23 14:42:07.412", clock.Full(micros));
        Assert.Equal("2026-11-23 14:42:07.412003", clock.Full(micros + 3));
        Assert.Equal("Today 14:42:07.412", clock.Day(micros, BrowserTime.FromMicros(micros)));
    }
}
