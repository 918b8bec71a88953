using System.Text.Json;
using Bunit;
using LogPipeline.Core.Health;
using LogPipeline.Web.Components.Health;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace LogPipeline.Tests.Web.Components.Health;

public sealed class HealthPageTests : PageContext
{
    private static readonly Conservation AddsUp = new(1_204_578, 1_203_114, 210, 37, 1_217, 1_900);
    private readonly Reports source;

    public HealthPageTests()
        : this(new Reports())
    {
    }

    private HealthPageTests(Reports source)
        : base(services => services.AddSingleton<IHealthSource>(source)) => this.source = source;

    [Theory]
    [InlineData(HealthState.Connected, "Connected", false)]
    [InlineData(HealthState.Partial, "Partial", true)]
    [InlineData(HealthState.Disconnected, "Disconnected", true)]
    public void The_page_says_its_state_in_a_word_and_a_banner_when_something_is_wrong(HealthState lake, string word, bool banner)
    {
        Report(AddsUp, lake, lake == HealthState.Connected ? null : "the volume is full: free some space");
        var page = Render<HealthPage>();
        page.WaitForAssertion(() => Assert.Contains(word, page.Find(".toolbar .word").TextContent, StringComparison.Ordinal));
        Assert.Equal(banner ? 1 : 0, page.FindAll(".banner").Count);
        Assert.Equal(6, page.FindAll(".stage").Count);
        Assert.Equal(lake != HealthState.Connected, page.FindAll("path.cut").Count > 0);
        Assert.Contains("checked 0.0", page.Find("[data-checked]").TextContent, StringComparison.Ordinal);
        Assert.Contains("This host has no lake", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_but_the_page_itself_is_needed()
    {
        var page = Render<HealthPage>();
        page.WaitForAssertion(() => Assert.Contains("Off", page.Find(".toolbar .word").TextContent, StringComparison.Ordinal));
        Assert.Contains("nobody reports", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void The_copied_report_is_json_with_every_stage_and_the_conservation()
    {
        Report(AddsUp, HealthState.Partial, "behind \"<b>\"");
        var page = Render<HealthPage>();
        page.WaitForAssertion(() => Assert.NotNull(page.Find(".toolbar button").GetAttribute("data-copy")));
        using var json = JsonDocument.Parse(page.Find(".toolbar button").GetAttribute("data-copy")!);
        Assert.Equal("partial", json.RootElement.GetProperty("state").GetString());
        Assert.Equal(6, json.RootElement.GetProperty("stages").GetArrayLength());
        Assert.Equal(1_204_578, json.RootElement.GetProperty("conservation").GetProperty("received").GetInt64());
        Assert.Empty(page.FindAll(".banner b b"));
    }

    [Fact]
    public void A_sum_that_is_right_says_so_and_enlarges_its_sliver()
    {
        var panel = Render<ConservationPanel>(p => p.Add(x => x.Value, AddsUp));
        Assert.Contains("adds up, difference 0", panel.Markup, StringComparison.Ordinal);
        Assert.Contains("enlarged: 1,464 events", panel.Markup, StringComparison.Ordinal);
        Assert.Contains("99.87", panel.Markup, StringComparison.Ordinal);
        Assert.Equal(3, panel.FindAll(".sliver .bar span").Count);
    }

    [Theory]
    [InlineData(10, "10 received and in no place")]
    [InlineData(-3, "3 more than received")]
    public void A_sum_that_is_wrong_says_by_how_much(int difference, string words)
    {
        var panel = Render<ConservationPanel>(p => p.Add(x => x.Value, new Conservation(100 + difference, 90, 0, 5, 5, null)));
        Assert.Contains(words, panel.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Empty(panel.FindAll(".verdict.ok"));
    }

    [Fact]
    public void Shares_never_exceed_the_bar_and_are_nothing_before_the_first_event()
    {
        var wrong = ConservationShares.Of(new Conservation(10, 90, 0, 5, 5, null));
        Assert.Equal(100, wrong.Parts.Sum(), 6);
        Assert.Equal(0, ConservationShares.Of(new Conservation(0, 0, 0, 0, 0, null)).Parts.Sum());
        Assert.Empty(ConservationShares.Of(new Conservation(10, 5, 0, 0, 5, null)).Sliver);
    }

    private void Report(Conservation conservation, HealthState lake, string? problem)
    {
        StageHealth Stage(string name, HealthState state, string? wrong) => new(name, state, "what it is", wrong, [new("rate", "0/s"), new("lag", "0"), new("age", "0.1 s")], "");
        source.Report = new HealthReport(Begin, lake, [
            .. new[] { "Ingest", "Event log", "Live", "Lake", "Query", "Web" }.Select(name => name == "Lake" ? Stage(name, lake, problem) : Stage(name, HealthState.Connected, null)),
        ], conservation);
    }

    private sealed class Reports : IHealthSource
    {
        public HealthReport? Report { get; set; }

        public HealthReport Read(string stream) => Report ?? throw new ArgumentException("There is no such stream", nameof(stream));
    }
}
