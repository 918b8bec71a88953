using Bunit;
using LogPipeline.Web.Components.Dashboard;
using Xunit;

namespace LogPipeline.Tests.Web.Components.Dashboard;

public sealed class TileTests : PageContext
{
    [Fact]
    public void A_live_tile_has_a_value_its_unit_an_age_and_a_trend()
    {
        var tile = Render<Tile>(p => p.Add(t => t.Label, "Avg response").Add(t => t.Value, "88").Add(t => t.Unit, "ms").Add(t => t.Change, "+3.8 %")
            .Add(t => t.Age, TimeSpan.FromSeconds(0.4)).Add(t => t.Trend, [1, 2, null, 4]));
        Assert.Equal("88ms", tile.Find(".value").TextContent.Trim());
        Assert.Equal("0.4\u00A0s", tile.Find(".age").TextContent);
        Assert.DoesNotContain("bad", tile.Find(".change").ClassName, StringComparison.Ordinal);
        Assert.StartsWith("M0 ", tile.Find("path[fill=none]").GetAttribute("d"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_for_the_worse_is_red()
    {
        var tile = Render<Tile>(p => p.Add(t => t.Label, "Error rate").Add(t => t.Value, "0.86").Add(t => t.Change, "+0.58 pt").Add(t => t.Worse, true));
        Assert.Contains("bad", tile.Find(".change").ClassName, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_older_than_five_seconds_says_so()
    {
        var tile = Render<Tile>(p => p.Add(t => t.Label, "Active sessions").Add(t => t.Value, "8,293").Add(t => t.Worse, true).Add(t => t.Age, TimeSpan.FromSeconds(14)));
        Assert.Equal("14\u00A0s old", tile.Find(".age").TextContent);
        Assert.Equal("stale", tile.Find(".change").TextContent);
        Assert.Contains("stale", tile.Find(".tile").ClassName, StringComparison.Ordinal);
    }

    [Fact]
    public void A_field_that_the_log_lacks_is_no_zero()
    {
        var tile = Render<Tile>(p => p.Add(t => t.Label, "Avg response").Add(t => t.Missing, "the format has no response time").Add(t => t.Age, TimeSpan.Zero));
        Assert.Equal("not in this logthe format has no response time", tile.Find(".missing").TextContent);
        Assert.Empty(tile.FindAll(".value"));
    }

    [Fact]
    public void Before_the_first_value_there_are_blocks_of_its_size() =>
        Assert.Equal(2, Render<Tile>(p => p.Add(t => t.Label, "Events/s")).FindAll(".block").Count);

    [Fact]
    public void What_failed_is_named()
    {
        var tile = Render<Tile>(p => p.Add(t => t.Label, "Total errors").Add(t => t.Fault, "table not readable").Add(t => t.Value, "9"));
        Assert.Contains("table not readable", tile.Markup, StringComparison.Ordinal);
        Assert.Contains("broken", tile.Find(".tile").ClassName, StringComparison.Ordinal);
    }
}
