using Bunit;
using LogPipeline.Core.Live;
using LogPipeline.Web.Components.Dashboard;
using Xunit;

namespace LogPipeline.Tests.Web.Components.Dashboard;

public sealed class MetricsGridTests : PageContext
{
    [Fact]
    public void Eight_figures_with_their_change()
    {
        for (var i = 0; i < 100; i++)
        {
            Live.Add(at: Begin.AddMinutes(-20), ms: 20);
            Live.Add(at: Begin.AddSeconds(-30), ms: 40, status: i < 10 ? 503 : 200, level: i < 10 ? "ERROR" : "INFO");
        }

        var grid = Render<MetricsGrid>(p => p.Add(g => g.Snapshot, Read()).Add(g => g.Age, TimeSpan.FromSeconds(0.2)));
        Assert.Equal(
            ["Events/s", "Error rate", "Avg response", "p95 · p99", "Active sessions", "Data processed", "Total requests", "Total errors"],
            grid.FindAll(".label").Select(l => l.TextContent));
        Assert.Equal("10.00%", grid.FindAll(".value")[1].TextContent.Trim());
        Assert.Equal("+10.00\u00A0pt", grid.FindAll(".change")[1].TextContent);
        Assert.Contains("bad", grid.FindAll(".change")[1].ClassName, StringComparison.Ordinal);
        Assert.Equal("+100\u00A0%", grid.FindAll(".change")[2].TextContent);
        Assert.Equal("100", grid.FindAll(".value")[6].TextContent.Trim());
    }

    [Fact]
    public void A_log_without_response_times_says_so()
    {
        var live = new SampleLiveView(Time) { HasResponseTimes = false };
        live.Add();
        var grid = Render<MetricsGrid>(p => p.Add(g => g.Snapshot, live.Read(new LiveQuery(EventFilter.None, TimeSpan.FromMinutes(15)))));
        Assert.Equal(2, grid.FindAll(".missing").Count);
    }

    [Fact]
    public void An_empty_window_has_no_error_rate()
    {
        var grid = Render<MetricsGrid>(p => p.Add(g => g.Snapshot, Read()));
        Assert.Equal("–", grid.FindAll(".value")[1].TextContent.Trim());
        Assert.Empty(grid.FindAll(".missing"));
    }

    [Fact]
    public void The_step_that_still_fills_does_not_bend_a_chart()
    {
        for (var i = 0; i < 900; i++)
        {
            Live.Add(at: Begin.AddSeconds(-i));
        }

        Time.Advance(TimeSpan.FromSeconds(3));
        var charts = DashboardCharts.Read(Read());
        Assert.All(charts.VolumeData.Values[3].Skip(1), rate => Assert.InRange(rate!.Value, 0.9, 1.1));
        Assert.Equal(charts.VolumeData.Values[3][^1], charts.LastVolume[3]);
        Assert.False(charts.VolumeData.IsEmpty);
    }

    private LiveSnapshot Read() => Live.Read(new LiveQuery(EventFilter.None, TimeSpan.FromMinutes(15)));
}
