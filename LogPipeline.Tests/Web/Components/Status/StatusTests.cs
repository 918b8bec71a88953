using Bunit;
using LogPipeline.Core.Health;
using LogPipeline.Web.Components.Format;
using LogPipeline.Web.Components.Status;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace LogPipeline.Tests.Web.Components.Status;

public sealed class StatusTests : PageContext
{
    [Theory]
    [InlineData(HealthState.Connected, null)]
    [InlineData(HealthState.Partial, "warn")]
    [InlineData(HealthState.Disconnected, "bad")]
    [InlineData(HealthState.Connecting, "accent")]
    [InlineData(HealthState.Off, null)]
    public void A_pill_says_its_state_in_shape_word_and_colour(HealthState state, string? tone)
    {
        var pill = Render<StatePill>(p => p.Add(x => x.Stage, new StageHealth("Lake", state, "", "disk is full: free some", [], "v412 · 0.8 s")));
        Assert.Equal(tone is null ? "pill" : "pill " + tone, pill.Find("a").ClassName!.Trim());
        Assert.Contains(StatePill.Word(state), pill.Find("a").GetAttribute("aria-label"), StringComparison.Ordinal);
        Assert.Contains("disk is full", pill.Find("a").GetAttribute("title"), StringComparison.Ordinal);
        Assert.Single(pill.FindAll("svg"));
    }

    [Fact]
    public void Four_pills_in_data_order_before_anything_is_known()
    {
        var status = Render<PipelineStatus>();
        Assert.Equal(["Event log", "Lake", "Query", "Web"], status.FindAll(".pipeline .name").Select(n => n.TextContent));
    }

    [Fact]
    public void Half_of_the_way_and_none_of_the_browsers_work_counts_after_the_rows_are_drawn()
    {
        var latency = Services.GetRequiredService<CircuitLatency>();
        var produced = BrowserTime.ToMicros(Begin);

        // Sent 10 ms after receipt, back after 30 ms, of which the browser worked 6: 12 there, 6 there, 12 back.
        latency.Add(produced, Begin.AddMilliseconds(10), Begin.AddMilliseconds(40), 6);
        Assert.Equal(28, latency.Read().MedianMs!.Value, 3);
        Assert.Equal(28, Services.GetRequiredService<ScreenLatency>().Read().P99Ms!.Value, 3);
    }

    [Fact]
    public void Latencies_are_kept_for_the_newest_lines_only()
    {
        var window = new LatencyWindow();
        Assert.Null(window.Read().MedianMs);
        for (var i = 0; i < 3000; i++)
        {
            window.Add(i < 1500 ? 1000 : 20, 1000 + (i / 100));
        }

        var figures = window.Read();
        Assert.Equal(20, figures.MedianMs);
        Assert.Equal(20, figures.P99Ms);
        Assert.Equal(17, figures.Seconds.Count);
        Assert.Equal(20, figures.Seconds[^1]);
        window.Add(5, 5000);
        Assert.Equal(16, window.Read().Seconds.Count(second => second == 0));
    }
}
