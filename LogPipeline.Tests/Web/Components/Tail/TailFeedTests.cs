using System.Text.Json;
using CsCheck;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Live;
using LogPipeline.Web.Components.Tail;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace LogPipeline.Tests.Web.Components.Tail;

public sealed class TailFeedTests
{
    private readonly SampleLiveView live = new(new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 14, 42, 0, TimeSpan.Zero)));

    [Fact]
    public void Every_event_is_handed_out_once_or_counted_whatever_happens() =>
        Gen.Select(Gen.OneOf(Gen.Const(0), Gen.Int[1, 5]), Gen.Int[0, 40]).Array[1, 60].Sample(steps =>
        {
            var view = new SampleLiveView(new FakeTimeProvider());
            var feed = new TailFeed(view);
            var seen = new HashSet<EventPosition>();
            void Take(RecentPage page) => Assert.All(page.Rows, row => Assert.True(seen.Add(row.Position)));
            Take(feed.Start(EventFilter.None, 1000, null));
            foreach (var (what, count) in steps)
            {
                for (var i = 0; i < count; i++)
                {
                    view.Add();
                }

                switch (what)
                {
                    case 1 when !feed.Paused:
                        feed.Pause();
                        break;
                    case 2 when feed.Paused:
                        feed.Count();
                        break;
                    case 3 when feed.Paused:
                        feed.Count();
                        var waiting = feed.Waiting;
                        var page = feed.Resume(10_000);
                        Assert.Equal(waiting, page.Rows.Count);
                        Take(page);
                        break;
                    default:
                        if (!feed.Paused)
                        {
                            Take(feed.Read(1000));
                        }

                        break;
                }
            }

            Take(feed.Paused ? feed.Resume(10_000) : feed.Read(10_000));
            Assert.Equal(view.End, seen.Count + feed.Dropped + feed.Missed);
        });

    [Fact]
    public void What_waits_is_counted_once_however_often_one_asks()
    {
        var feed = new TailFeed(live);
        feed.Start(new EventFilter([new("level", "ERROR")]), 10, null);
        feed.Pause();
        for (var i = 0; i < 30; i++)
        {
            live.Add(level: i % 3 == 0 ? "ERROR" : "INFO");
            feed.Count();
            feed.Count();
        }

        Assert.Equal(10, feed.Waiting);
        Assert.Equal(10, feed.Resume(100).Rows.Count);
        Assert.Equal(0, feed.Waiting);
    }

    [Fact]
    public void A_burst_beyond_the_limit_is_counted_as_dropped()
    {
        var feed = new TailFeed(live);
        feed.Start(EventFilter.None, 10, null);
        for (var i = 0; i < 700; i++)
        {
            live.Add();
        }

        Assert.Equal(500, feed.Read(500).Rows.Count);
        Assert.Equal(200, feed.Dropped);
    }

    [Fact]
    public void A_paused_address_opens_where_it_was_paused()
    {
        for (var i = 0; i < 50; i++)
        {
            live.Add();
        }

        var feed = new TailFeed(live);
        var page = feed.Start(EventFilter.None, 10, new EventPosition(0, 29));
        Assert.Equal([20, 21, 22, 23, 24, 25, 26, 27, 28, 29], page.Rows.Select(r => r.Position.Offset));
        Assert.True(feed.Paused);
        feed.Count();
        Assert.Equal(20, feed.Waiting);
        Assert.Equal(30, feed.Resume(100).Rows[0].Position.Offset);
    }

    [Fact]
    public void Lines_that_left_the_memory_meanwhile_are_missed_and_said()
    {
        var small = new SampleLiveView(new FakeTimeProvider()) { Capacity = 10 };
        var feed = new TailFeed(small);
        small.Add();
        feed.Start(EventFilter.None, 10, null);
        feed.Pause();
        for (var i = 0; i < 25; i++)
        {
            small.Add();
        }

        var page = feed.Resume(100);
        Assert.Equal(10, page.Rows.Count);
        Assert.Equal(15, page.Missed);
        Assert.Equal(15, feed.Missed);
    }

    [Fact]
    public void Rows_travel_as_values_and_hostile_text_stays_text()
    {
        var row = live.Add(message: "a \"quoted\" <script>alert(1)</script> \u2028 \0 \ud83d\ude00", endpoint: null!, ms: double.NaN);
        var json = JsonSerializer.Serialize(new TailBatch([row], [new("3 lines are missing", "/query", "Query")], TextMarks.For(new EventFilter([]) { Text = "QUOTED" }), ["ip", "user_id"]));
        using var document = JsonDocument.Parse(json);
        Assert.DoesNotContain("<script>", json, StringComparison.Ordinal);
        var values = document.RootElement.GetProperty("rows")[0];
        Assert.Equal("0:0", values[0].GetString());
        Assert.Equal(row.Message, values[8].GetString());
        Assert.Equal(JsonValueKind.Null, values[5].ValueKind);
        Assert.Equal(JsonValueKind.Null, values[6].ValueKind);
        Assert.Equal([3, 6], values[9].EnumerateArray().Select(n => n.GetInt32()));
        Assert.Equal("203.0.113.77", values[10].GetProperty("ip").GetString());
        Assert.Equal("3 lines are missing", document.RootElement.GetProperty("notes")[0].GetProperty("text").GetString());
    }

    [Fact]
    public void Marks_follow_text_and_patterns_and_a_runaway_pattern_marks_nothing()
    {
        Assert.Null(TextMarks.For(EventFilter.None));
        Assert.Equal([0, 2, 3, 2], TextMarks.For(new EventFilter([]) { Text = "AB" })!("ab ab"));
        Assert.Null(TextMarks.For(new EventFilter([]) { Text = "AB", MatchCase = true })!("ab ab"));
        Assert.Equal([4, 5, 10, 7], TextMarks.For(new EventFilter([]) { Text = "timed|refused", IsRegex = true })!("was timed refused"));
        Assert.Null(TextMarks.For(new EventFilter([]) { Text = "(", IsRegex = true }));
        Assert.Null(TextMarks.For(new EventFilter([]) { Text = "(a+)+$", IsRegex = true })!(new string('a', 60) + "!"));
    }

    [Theory]
    [InlineData("status = 503", "status", "503", false)]
    [InlineData("endpoint != /healthz", "endpoint", "/healthz", true)]
    [InlineData("source≠auth", "source", "auth", true)]
    [InlineData("attributes.region=eu-1", "attributes.region", "eu-1", false)]
    public void A_condition_typed_into_the_search_is_one(string text, string field, string value, bool exclude) =>
        Assert.Equal(new FilterTerm(field, value, exclude), SearchText.Term(text));

    [Theory]
    [InlineData("timed out")]
    [InlineData("x = 3")]
    [InlineData("status =")]
    [InlineData("user=alice failed")]
    public void All_else_typed_into_the_search_is_text(string text) => Assert.Null(SearchText.Term(text));

    [Fact]
    public void Columns_are_chosen_by_name_and_never_none()
    {
        Assert.Equal(8, TailColumns.Parse(null).Count);
        Assert.Equal(["time", "ip", "message"], TailColumns.Parse("message,ip,nonsense").Select(c => c.Key));
        Assert.Equal(8, TailColumns.Parse("nonsense").Count);
        Assert.Null(TailColumns.Text(TailColumns.Parse(null)));
        Assert.Equal("time,ip,message", TailColumns.Text(TailColumns.Parse("message,ip")));
    }

    [Fact]
    public void An_export_quotes_and_runs_no_formula()
    {
        live.Add(message: "=HYPERLINK(\"http://evil\")", endpoint: "/a,b", ms: 1.5);
        var page = live.ReadRecent(new RecentQuery(EventFilter.None, 10));
        using var csv = new StreamReader(TailExport.Csv(page.Rows, TailColumns.Parse(null)));
        var lines = csv.ReadToEnd().Split("\r\n");
        Assert.Equal("timestamp,level,status,method,endpoint,response_time,source,message", lines[0]);
        Assert.Equal("2026-11-23T14:42:00.000000Z,INFO,200,GET,\"/a,b\",1.5,catalog,\"'=HYPERLINK(\"\"http://evil\"\")\"", lines[1]);
        using var reader = new StreamReader(TailExport.JsonLines(page.Rows));
        using var json = JsonDocument.Parse(reader.ReadLine()!);
        Assert.Equal("eu-central-1", json.RootElement.GetProperty("attributes").GetProperty("region").GetString());
        Assert.Equal(0, json.RootElement.GetProperty("event_offset").GetInt64());
    }
}
