using CsCheck;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Live;
using LogPipeline.Web.Components.State;
using Xunit;

namespace LogPipeline.Tests.Web.Components.State;

public sealed class ViewStateUrlTests
{
    private static readonly Gen<string> Words = Gen.String[Gen.Char.AlphaNumeric, 1, 12];

    private static readonly Gen<FilterTerm> Terms = Gen.Select(Gen.OneOf(Gen.Const("level"), Gen.Const("source"), Gen.Const("endpoint"), Gen.Const("attributes.region")), Gen.String[Gen.OneOf(Gen.Char[(char)32, (char)126], Gen.Char[(char)192, (char)252]), 1, 20], Gen.Bool)
        .Select(t => new FilterTerm(t.Item1, t.Item2.Trim(), t.Item3)).Where(t => t.Value.Length > 0);

    private static readonly Gen<ViewState> Views = Gen.Select(Terms.List[0, 5], Words.Null(), Gen.Bool, Gen.Bool, Gen.Long[0, 1L << 40].Nullable(), Gen.Int[10, 3600], Gen.Bool).Select((terms, text, regex, casing, paused, seconds, ended) => new ViewState
    {
        Range = new TimeRange(TimeSpan.FromSeconds(seconds), ended ? new DateTimeOffset(2026, 11, 23, 14, 36, 0, TimeSpan.Zero) : null),
        Filter = new EventFilter(terms) { Text = text, IsRegex = regex, MatchCase = casing },
        PausedAt = paused is { } at ? new EventPosition(0, at) : null,
        Row = paused is { } row ? new EventPosition(2, row / 2) : null,
        Columns = text is null ? null : "time,level," + text,
    });

    [Fact]
    public void Every_view_survives_its_address() => Views.Sample(view =>
    {
        var query = ViewStateUrl.Query(view);
        Assert.Equal(view, ViewStateUrl.Parse(query));
        Assert.Equal(query, ViewStateUrl.Query(ViewStateUrl.Parse(query)));
    });

    [Fact]
    public void The_usual_view_needs_no_query() => Assert.Equal("", ViewStateUrl.Query(new ViewState()));

    [Theory]
    [InlineData("?last=5x&where=nothing&paused=a:b&row=1&from=yesterday&to=now&q=")]
    [InlineData("?last=999h")]
    [InlineData("?from=2026-11-23T14:00:00Z&to=2026-11-23T13:00:00Z")]
    [InlineData("?where==x&where=")]
    public void An_address_that_makes_no_sense_opens_the_usual_view(string query) => Assert.Equal(new ViewState(), ViewStateUrl.Parse(query));

    [Fact]
    public void A_value_may_hold_the_signs_of_the_address()
    {
        var view = new ViewState().With(new FilterTerm("endpoint", "/search?q=a&b=1!=2#x", true));
        Assert.Equal(view, ViewStateUrl.Parse(ViewStateUrl.Query(view)));
    }

    [Fact]
    public void A_stretch_longer_than_memory_is_cut_to_its_end()
    {
        var view = ViewStateUrl.Parse("?from=2026-11-23T10:00:00Z&to=2026-11-23T14:00:00Z");
        Assert.Equal(TimeSpan.FromHours(1), view.Range.Window);
        Assert.Equal(14, view.Range.To!.Value.Hour);
    }

    [Theory]
    [InlineData(60, 1, 60)]
    [InlineData(300, 5, 60)]
    [InlineData(900, 10, 90)]
    [InlineData(3600, 40, 90)]
    public void Bars_are_whole_seconds(int window, int seconds, int bars)
    {
        var range = new TimeRange(TimeSpan.FromSeconds(window));
        Assert.Equal(seconds, range.BucketSeconds);
        Assert.Equal(bars, range.Buckets);
    }

    [Fact]
    public void Choosing_a_value_replaces_the_one_before_and_keeps_what_is_ruled_out()
    {
        var view = new ViewState().WithOnly("source", "auth").With(new FilterTerm("source", "cdn", true)).WithOnly("endpoint", "/");
        Assert.Equal(3, view.Filter.Terms.Count);
        Assert.Equal(new FilterTerm("source", "search"), Assert.Single(view.WithOnly("source", "search").Filter.Terms, t => t.Field == "source"));
        Assert.Equal(2, view.WithOnly("source", null).Filter.Terms.Count);
    }
}
