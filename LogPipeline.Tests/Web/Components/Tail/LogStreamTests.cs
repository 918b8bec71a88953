using Bunit;
using LogPipeline.Core.EventLog;
using LogPipeline.Web.Components.Tail;
using Microsoft.JSInterop;
using Xunit;

namespace LogPipeline.Tests.Web.Components.Tail;

public sealed class LogStreamTests : PageContext
{
    private readonly BunitJSModuleInterop script;

    public LogStreamTests()
    {
        script = JSInterop.SetupModule("/js/tail.js");
        script.Mode = JSRuntimeMode.Loose;
    }

    [Fact]
    public async Task Rows_go_to_the_browser_with_the_signal_that_brought_them()
    {
        Live.Add();
        var stream = Render<LogStream>();
        stream.WaitForAssertion(() => Assert.Single(Batches("reset")));
        Live.Add(message: "one");
        Live.Add(message: "two");
        await Live.SignalAsync();
        Assert.Equal(["one", "two"], Batches("push").SelectMany(b => b.Rows).Select(r => r.Message));
        await Live.SignalAsync();
        Assert.Single(Batches("push"));
    }

    [Fact]
    public async Task A_pause_keeps_counting_and_going_on_brings_exactly_what_waited()
    {
        Live.Add();
        var stream = Render<LogStream>();
        stream.WaitForAssertion(() => Assert.Single(Batches("reset")));
        await stream.InvokeAsync(() => stream.Instance.OnScrolledAway());
        Assert.EndsWith("paused=0%3A0", Navigation.Uri, StringComparison.Ordinal);
        for (var i = 0; i < 5; i++)
        {
            Live.Add();
        }

        Time.Advance(TimeSpan.FromSeconds(1));
        await Live.SignalAsync();
        stream.WaitForAssertion(() => Assert.Equal("Paused · 5 new", stream.Find(".paused b").TextContent));
        Assert.Contains("because you scrolled up", stream.Find(".paused").TextContent, StringComparison.Ordinal);
        Assert.Empty(Batches("push"));
        await stream.Find(".paused .primary").ClickAsync();
        stream.WaitForAssertion(() => Assert.Equal([1, 2, 3, 4, 5], Batches("push").SelectMany(b => b.Rows).Select(r => r.Position.Offset)));
        Assert.DoesNotContain("paused", Navigation.Uri, StringComparison.Ordinal);
        Live.Add();
        await Live.SignalAsync();
        Assert.Equal(6, Batches("push")[^1].Rows[0].Position.Offset);
    }

    [Fact]
    public async Task Another_filter_begins_anew_and_an_unfinished_pattern_leaves_the_rows()
    {
        Live.Add(level: "ERROR");
        Live.Add();
        var stream = Render<LogStream>();
        stream.WaitForAssertion(() => Assert.Equal(2, Batches("reset")[0].Rows.Count));
        Navigation.NavigateTo("/tail?where=level%3DERROR");
        stream.WaitForAssertion(() => Assert.Single(Batches("reset")[1].Rows));
        Navigation.NavigateTo("/tail?q=(&regex=1");
        await Live.SignalAsync();
        Assert.Equal(2, Batches("reset").Count);
    }

    [Fact]
    public async Task A_value_can_be_chosen_and_ruled_out()
    {
        var stream = Render<LogStream>();
        await stream.InvokeAsync(() => stream.Instance.OnFilter("endpoint", "/healthz", true));
        await stream.InvokeAsync(() => stream.Instance.OnFilter("source", "auth", false));
        Assert.Contains("where=endpoint!%3D%2Fhealthz&where=source%3Dauth", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Older_rows_are_handed_out_and_their_end_is_said()
    {
        for (var i = 0; i < 400; i++)
        {
            Live.Add();
        }

        var stream = Render<LogStream>();
        stream.WaitForAssertion(() => Assert.Equal(300, Batches("reset")[0].Rows.Count));
        var older = await stream.InvokeAsync(() => stream.Instance.OnOlder("0:100"));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (long)i), older.Rows.Select(r => r.Position.Offset));
        var none = await stream.InvokeAsync(() => stream.Instance.OnOlder("0:0"));
        Assert.Contains("The stream begins here", Assert.Single(none.Notes).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_detail_shows_every_field_as_text()
    {
        var row = Live.Add(message: "<script>alert(1)</script>", level: "ERROR", status: 504, ms: 3012.4);
        var drawer = Render<RowDrawer>(p => p.Add(d => d.Position, row.Position).Add(d => d.Live, Live));
        Assert.Empty(drawer.FindAll("script"));
        Assert.Equal("<script>alert(1)</script>", drawer.Find(".message").TextContent);
        Assert.Equal(
            ["timestamp", "received_at", "level", "source", "endpoint", "method", "status", "response_time", "session_id", "ip", "bytes", "region", "Stream position"],
            drawer.FindAll("dt").Select(d => d.TextContent));
        Assert.Contains("web-logs · 0 : 0", drawer.Markup, StringComparison.Ordinal);
        drawer.Find("#tab-json").Click();
        Assert.Contains("\"status\": 504", drawer.Find("pre").TextContent, StringComparison.Ordinal);
        drawer.Find("#tab-around").Click();
        Assert.Single(drawer.FindAll(".rows-mini li"));
    }

    [Fact]
    public void A_line_that_is_nowhere_is_said_to_be_nowhere()
    {
        var drawer = Render<RowDrawer>(p => p.Add(d => d.Position, new EventPosition(0, 99)).Add(d => d.Live, Live));
        Assert.Contains("Neither memory nor table holds a line at 0:99", drawer.Find(".gone").TextContent, StringComparison.Ordinal);
    }

    private List<TailBatch> Batches(string call) => [.. script.Invocations[call].Select(i => (TailBatch)i.Arguments[1]!)];
}
