using System.Diagnostics;
using CsCheck;
using LogPipeline.Core.Live;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace LogPipeline.Tests.Live;

public sealed class FilterTests : IDisposable
{
    private readonly LiveView view = new(Batches.Stream, new LiveOptions(), new FakeTimeProvider());
    private readonly List<Event> events =
    [
        new(0) { Level = "INFO", Source = "checkout", Endpoint = "/cart", Method = "GET", Status = 200, ResponseTime = 12.5, Message = "Added a Teapot to the cart", Session = "s1", Attributes = [new("region", "eu"), new("Build", "42")] },
        new(1) { Level = "error", Source = "checkout", Endpoint = "/pay", Method = "post", Status = 502, Message = "upstream timed out (110)" },
        new(2) { Level = "WARN", Source = "search", Endpoint = "/search", Status = 404, Message = "Straße nicht gefunden", Attributes = [new("region", null)] },
        new(3) { Level = "ERROR", Source = "search", Endpoint = "/search/timeout", Status = 500, Bytes = 9 },
        new(4),
    ];

    public FilterTests()
    {
        using var batch = Batches.Of(events, 0, 1);
        view.Add(batch);
    }

    public void Dispose() => view.Dispose();

    [Theory]
    [InlineData("level=ERROR", "13")]
    [InlineData("level=error&level=warn", "123")]
    [InlineData("level!=ERROR", "024")]
    [InlineData("level=", "4")]
    [InlineData("level!=", "0123")]
    [InlineData("method=POST", "1")]
    [InlineData("source=checkout&level=ERROR", "1")]
    [InlineData("endpoint=/search", "2")]
    [InlineData("endpoint!=/search&source=search", "3")]
    [InlineData("status=404&status=500", "23")]
    [InlineData("status=abc", "")]
    [InlineData("status!=200", "1234")]
    [InlineData("status_class=5xx", "13")]
    [InlineData("status_class!=5xx", "024")]
    [InlineData("response_time=12.5", "0")]
    [InlineData("bytes=9", "3")]
    [InlineData("session_id=s1", "0")]
    [InlineData("timestamp=1970-01-01T00:00:00.000002Z", "2")]
    [InlineData("attributes.region=eu", "0")]
    [InlineData("region=eu", "0")]
    [InlineData("attributes.region!=eu", "1234")]
    [InlineData("attributes.nothing=", "01234")]
    [InlineData("q=TEAPOT", "0")]
    [InlineData("q=TEAPOT&case=1", "")]
    [InlineData("q=Teapot&case=1", "0")]
    [InlineData("q=timeout", "3")]
    [InlineData("q=TIME", "13")]
    [InlineData("q=checkout", "01")]
    [InlineData("q=STRASSE", "")]
    [InlineData("q=STRA%C3%9FE", "2")]
    [InlineData("q=build", "0")]
    [InlineData("q=42", "0")]
    [InlineData("q=time(d%20)%3Fout&regex=1", "13")]
    [InlineData("q=%5C(%5Cd%2B%5C)%24&regex=1", "1")]
    [InlineData("q=(%3F%3C!s)earch&regex=1", "")]
    [InlineData("q=(%3F%3Ds)search&regex=1", "23")]
    public void A_filter_takes_exactly_its_events(string query, string expected)
    {
        var filter = EventFilterCodec.FromQuery(query);
        var page = view.ReadRecent(new RecentQuery(filter, 100));
        Assert.Equal(expected, string.Concat(page.Rows.Select(row => row.Position.Offset)));
    }

    [Theory]
    [InlineData("(")]
    [InlineData("[z-a]")]
    [InlineData("a{2,1}")]
    public void A_wrong_expression_is_refused_with_its_parameter(string pattern)
    {
        var filter = EventFilter.None with { Text = pattern, IsRegex = true };
        Assert.StartsWith("q: ", Assert.Throws<ArgumentException>(() => view.ReadRecent(new RecentQuery(filter, 10))).Message);
        Assert.StartsWith("q: ", Assert.Throws<ArgumentException>(() => view.Read(new LiveQuery(filter, TimeSpan.FromMinutes(1)))).Message);
    }

    [Fact]
    public void An_expression_that_would_take_for_ever_is_stopped()
    {
        using var slow = new LiveView(Batches.Stream, new LiveOptions(), TimeProvider.System);
        using var batch = Batches.Of([.. Enumerable.Range(0, 1_000).Select(_ => new Event(0) { Message = new string('a', 4_000) + "!" })], 0, 1);
        slow.Add(batch);
        var watch = Stopwatch.StartNew();
        // A look-ahead keeps it from the linear engine.
        var filter = EventFilter.None with { Text = "^(?=a)(a|aa|a*)+$", IsRegex = true };
        Assert.StartsWith("q: ", Assert.Throws<ArgumentException>(() => slow.ReadRecent(new RecentQuery(filter, 10))).Message);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void Finding_ASCII_without_case_agrees_with_string_search()
    {
        var letters = Gen.OneOf("aAbBzZ eE/".ToCharArray());
        Gen.Select(Gen.String[letters, 0, 40], Gen.String[letters, 1, 4]).Sample((text, needle) =>
        {
            var matcher = Core.Live.Filters.Utf8Matcher.Of(needle, isRegex: false, matchCase: false);
            return matcher.IsIn(System.Text.Encoding.UTF8.GetBytes(text)) == text.Contains(needle, StringComparison.OrdinalIgnoreCase);
        });
    }
}
