using CsCheck;
using LogPipeline.Core.Live;
using Xunit;

namespace LogPipeline.Tests.Live;

public sealed class EventFilterCodecTests
{
    [Fact]
    public void A_filter_reads_what_it_writes()
    {
        var text = Gen.String[0, 12];
        var field = Gen.OneOf<string>(Gen.OneOf("level", "source", "endpoint", "status_class", "attributes.a b", "attributes.x=y&z"), Gen.String[Gen.Char['a', 'z'], 1, 8].Where(name => name is not ("q" or "regex" or "case")));
        var term = Gen.Select(field, text, Gen.Bool, (name, value, exclude) => new FilterTerm(name, value, exclude));
        Gen.Select(term.List[0, 6], text, Gen.Bool, Gen.Bool).Sample((terms, q, regex, matchCase) =>
        {
            var filter = new EventFilter(terms) { Text = q.Length == 0 ? null : q, IsRegex = regex, MatchCase = matchCase };
            Assert.Equal(filter, EventFilterCodec.FromQuery(EventFilterCodec.ToQuery(filter)));
            Assert.Equal(filter, EventFilterCodec.FromQuery("?" + EventFilterCodec.ToQuery(filter)));
        });
    }

    [Fact]
    public void A_link_reads_well()
    {
        var filter = new EventFilter([new("level", "ERROR"), new("level", "WARN"), new("endpoint", "/healthz", Exclude: true)]) { Text = "timed out", IsRegex = true };
        Assert.Equal("level=ERROR&level=WARN&endpoint!=/healthz&q=timed%20out&regex=1", EventFilterCodec.ToQuery(filter));
    }

    [Fact]
    public void Other_parameters_of_a_page_are_no_terms()
    {
        var filter = EventFilterCodec.FromQuery("?limit=10&level=ERROR&from=x&=y&&novalue", new HashSet<string> { "limit", "from" });
        Assert.Equal(new EventFilter([new("level", "ERROR")]), filter);
        Assert.Same(EventFilter.None, EventFilterCodec.FromQuery(null));
        Assert.Equal("a b", EventFilterCodec.FromQuery("q=a+b").Text);
    }

    [Fact]
    public void The_number_of_terms_is_bounded() =>
        Assert.Equal(EventFilterCodec.MaxTerms, EventFilterCodec.FromQuery(string.Join('&', Enumerable.Repeat("level=x", 1_000))).Terms.Count);
}
