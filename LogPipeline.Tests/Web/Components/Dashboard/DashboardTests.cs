using Bunit;
using LogPipeline.Core.Live;
using LogPipeline.Web.Components.Dashboard;
using Xunit;
using DashboardPage = LogPipeline.Web.Components.Dashboard.Dashboard;

namespace LogPipeline.Tests.Web.Components.Dashboard;

public sealed class DashboardTests : PageContext
{
    [Fact]
    public void An_empty_stream_says_how_to_send_the_first_event_to_this_host()
    {
        var page = Render<DashboardPage>();
        var commands = page.FindAll(".command code").Select(c => c.TextContent).ToList();
        Assert.Contains(commands, c => c.StartsWith("curl http://localhost/api/ingest/web-logs --json", StringComparison.Ordinal));
        Assert.All(page.FindAll(".command button"), b => Assert.Contains(b.GetAttribute("data-copy")!, commands));
    }

    [Fact]
    public async Task New_events_are_seen_at_the_next_tick()
    {
        var page = Render<DashboardPage>();
        Live.Add();
        Live.Add(status: 503, level: "ERROR");
        await Live.SignalAsync();
        Time.Advance(TimeSpan.FromMilliseconds(500));
        page.WaitForAssertion(() => Assert.Equal("2", page.FindAll(".tile .value")[6].TextContent.Trim()));
        Time.Advance(TimeSpan.FromMilliseconds(500));
        page.WaitForAssertion(() => Assert.Equal("1", page.Find(".chip.level .count").TextContent));
    }

    [Fact]
    public void A_click_on_a_value_filters_everything_and_is_in_the_address()
    {
        Live.Add(endpoint: "/api/cart");
        Live.Add(endpoint: "/api/search");
        var page = Render<DashboardPage>();
        page.WaitForElement("button[title='Only /api/cart']").Click();
        Assert.EndsWith("/?where=endpoint%3D%2Fapi%2Fcart", Navigation.Uri, StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Equal("1", page.FindAll(".tile .value")[6].TextContent.Trim()));
        page.Find(".chip.set button").Click();
        page.WaitForAssertion(() => Assert.Equal("2", page.FindAll(".tile .value")[6].TextContent.Trim()));
    }

    [Fact]
    public void A_hidden_level_is_still_counted_on_its_chip()
    {
        Live.Add(level: "DEBUG");
        Live.Add(level: "INFO");
        Navigation.NavigateTo("/?where=level!%3DDEBUG");
        var page = Render<DashboardPage>();
        page.WaitForAssertion(() => Assert.Equal("1", page.FindAll(".tile .value")[6].TextContent.Trim()));
        var chip = page.FindAll(".chip.level")[3];
        Assert.Equal("false", chip.GetAttribute("aria-pressed"));
        Assert.Equal("1", chip.QuerySelector(".count")!.TextContent);
    }

    [Fact]
    public void Nothing_in_the_range_offers_a_way_out()
    {
        Live.Add(at: Begin.AddMinutes(-40));
        var page = Render<DashboardPage>();
        page.WaitForAssertion(() => Assert.Contains("No requests match between", page.Find(".nothing").TextContent, StringComparison.Ordinal));
        Assert.Contains(page.FindAll(".nothing a"), a => a.GetAttribute("href") == "/?last=60m");
    }

    [Fact]
    public async Task A_page_that_left_holds_no_subscription()
    {
        _ = Render<DashboardPage>();
        Assert.Equal(2, Live.Subscribers);
        await DisposeComponentsAsync();
        Assert.Equal(0, Live.Subscribers);
    }

    [Fact]
    public void Endpoint_names_are_text()
    {
        Live.Add(endpoint: "/<script>alert(1)</script>");
        var page = Render<DashboardPage>();
        page.WaitForAssertion(() => Assert.Contains("&lt;script&gt;", page.Markup, StringComparison.Ordinal));
        Assert.Empty(page.FindAll("script"));
    }

    [Fact]
    public void A_flat_series_is_drawn_and_a_single_value_is_not()
    {
        Assert.Equal(("", ""), SparklinePath.Of([3]));
        Assert.Equal("M0 23.2L100 23.2", SparklinePath.Of([0, 0]).Line);
        Assert.DoesNotContain("NaN", SparklinePath.Of([null, double.NaN, 5, 5, null]).Line, StringComparison.Ordinal);
    }
}
