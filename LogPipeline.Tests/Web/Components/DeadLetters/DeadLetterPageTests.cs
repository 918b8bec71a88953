using Apache.Arrow;
using Bunit;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Query;
using LogPipeline.Web.Components.DeadLetters;
using LogPipeline.Web.DeadLetters;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace LogPipeline.Tests.Web.Components.DeadLetters;

public sealed class DeadLetterPageTests : PageContext
{
    private const string Hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>";

    private readonly OneLetter letter;
    private readonly Catalog catalog;

    public DeadLetterPageTests()
        : this(new OneLetter(), new Catalog())
    {
    }

    private DeadLetterPageTests(OneLetter letter, Catalog catalog)
        : base(services => services.AddSingleton<IQueryEngine>(letter).AddSingleton<ITableCatalog>(catalog))
    {
        this.letter = letter;
        this.catalog = catalog;
    }

    [Fact]
    public void Before_the_first_one_the_page_explains_itself_with_a_command_for_this_host()
    {
        Answer(hasTable: false);
        var page = Render<DeadLetterPage>();
        page.WaitForAssertion(() => Assert.Contains("No dead letters", page.Markup, StringComparison.Ordinal));
        var command = page.Find("[data-copy]").GetAttribute("data-copy")!;
        Assert.StartsWith($"curl {Navigation.BaseUri}api/ingest/web-logs --json '", command, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_opens_a_drawer_and_hostile_text_stays_text()
    {
        Answer(hasTable: true);
        var page = Render<DeadLetterPage>();
        page.WaitForAssertion(() => Assert.Single(page.FindAll("tbody tr")));
        Assert.Equal(Hostile, page.Find("td.reason").TextContent);
        page.Find("tbody tr").Click();
        page.WaitForAssertion(() => Assert.Equal(Hostile + "\u2407", page.Find("pre").TextContent));
        Assert.Empty(page.FindAll("script, img"));
        Assert.Equal(Hostile + "\a", page.Find(".raw-head button").GetAttribute("data-copy"));
    }

    [Fact]
    public void A_search_reaches_the_table_as_a_literal_and_nothing_else()
    {
        var engine = Answer(hasTable: true);
        Navigation.NavigateTo("/dead-letters?find=" + Uri.EscapeDataString("') OR 1=1 --"));
        var page = Render<DeadLetterPage>();
        page.WaitForAssertion(() => Assert.Single(page.FindAll("tbody tr")));
        Assert.Contains(@"lower('\u0027\u0029 OR 1\u003D1 \u002D\u002D')", engine.Sql, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failing_table_is_named_and_the_page_goes_on()
    {
        Answer(hasTable: true).Failure = new QueryException("the file is gone");
        var page = Render<DeadLetterPage>();
        page.WaitForAssertion(() => Assert.Contains("the file is gone", page.Find("[role=alert]").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_shown_in_hexadecimal()
    {
        var drawer = Render<DeadLetterDrawer>(p => p
            .Add(x => x.Letter, new DeadLetterRow(new(0, 7), 0, null, null, "not UTF-8", new byte[] { 0xFF, 0xFE, 0x41 }))
            .Add(x => x.Stream, "web-logs"));
        Assert.Contains("ff fe 41", drawer.Find("pre").TextContent, StringComparison.Ordinal);
        Assert.Equal("fffe41", drawer.Find(".raw-head button").GetAttribute("data-copy"));
    }

    private OneLetter Answer(bool hasTable)
    {
        catalog.HasTable = hasTable;
        return letter;
    }

    private sealed class Catalog : ITableCatalog
    {
        public bool HasTable { get; set; }

        public IReadOnlyList<string> Tables => HasTable ? ["dead_letters", "logs"] : [];

        public string Root => "";

        public ValueTask<TableSnapshot?> FindAsync(string table, CancellationToken cancellationToken) => default;

        public ValueTask<TableSnapshot> ReadVersionAsync(string table, long version, CancellationToken cancellationToken) => throw new LakeException("no versions");
    }

    private sealed class OneLetter : IQueryEngine
    {
        public string Name => "embedded";

        public string Sql { get; private set; } = "";

        public QueryException? Failure { get; set; }

        public Task<QueryResult> ExecuteAsync(QueryRequest request, CancellationToken cancellationToken)
        {
            Sql = request.Sql;
            if (Failure is not null)
            {
                throw Failure;
            }

            var batch = new RecordBatch.Builder()
                .Append("event_partition", false, new Int32Array.Builder().Append(0).Build())
                .Append("event_offset", false, new Int64Array.Builder().Append(41).Build())
                .Append("received", false, new Int64Array.Builder().Append(Begin.ToUnixTimeMilliseconds() * 1000).Build())
                .Append("source", true, new StringArray.Builder().Append("http").Build())
                .Append("field", true, new StringArray.Builder().Append("status").Build())
                .Append("reason", true, new StringArray.Builder().Append(Hostile).Build())
                .Append("raw", true, new BinaryArray.Builder().Append(System.Text.Encoding.UTF8.GetBytes(Hostile + "\a").AsSpan()).Build())
                .Build();
            return Task.FromResult(new QueryResult([], [batch], false, TimeSpan.Zero, Name, []));
        }
    }
}
