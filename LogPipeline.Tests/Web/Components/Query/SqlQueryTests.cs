using System.Diagnostics.Metrics;
using Apache.Arrow;
using Apache.Arrow.Types;
using Bunit;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Query;
using LogPipeline.Core.Types;
using LogPipeline.Web.Components.Query;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;
using Field = Apache.Arrow.Field;
using StructType = LogPipeline.Core.Types.StructType;
using TestContext = Xunit.TestContext;

namespace LogPipeline.Tests.Web.Components.Query;

public sealed class SqlQueryTests : PageContext
{
    private readonly StagedEngine engine;

    public SqlQueryTests()
        : this(new StagedEngine())
    {
    }

    private SqlQueryTests(StagedEngine engine)
        : base(services => Add(services, engine))
    {
        this.engine = engine;
        JSInterop.SetupModule("/js/query.js").Mode = JSRuntimeMode.Loose;
    }

    [Fact]
    public void Tables_with_columns_and_the_three_samples_are_listed()
    {
        var page = Render<SqlQuery>();
        page.WaitForAssertion(() => Assert.Contains("12,345", page.Find(".tables .name").TextContent, StringComparison.Ordinal));
        Assert.Contains("date · partition", page.Find(".tables ul").TextContent, StringComparison.Ordinal);
        Assert.Equal(SampleQueries.All.Select(sample => sample.Title), page.FindAll(".samples button span").Select(title => title.TextContent));
    }

    [Fact]
    public async Task A_sample_runs_shows_its_rows_exactly_and_is_in_the_address_and_the_history()
    {
        engine.Answer = _ => Task.FromResult(Rows(["/<b>a</b>", null], [1, long.MaxValue]));
        var page = Render<SqlQuery>();
        await page.Find(".samples button").ClickAsync();
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll(".grid .row").Count));
        Assert.Equal(["1", "/<b>a</b>", "1", "2", "NULL", "9223372036854775807"], page.FindAll(".grid .row > span").Select(cell => cell.TextContent));
        Assert.Empty(page.FindAll(".grid .row b"));
        Assert.Contains("2 rows, all · embedded · version 412", page.Find(".state").TextContent, StringComparison.Ordinal);
        Assert.Contains("/query?sql=SELECT%20endpoint", Navigation.Uri, StringComparison.Ordinal);
        Assert.EndsWith("&run=1", Navigation.Uri, StringComparison.Ordinal);
        Assert.Contains("2 rows", page.Find(".history li small").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_with_a_statement_runs_it()
    {
        engine.Answer = request => Task.FromResult(Rows([request.Sql], [1]));
        Navigation.NavigateTo("/query?sql=SELECT%201&run=1");
        var page = Render<SqlQuery>();
        page.WaitForAssertion(() => Assert.Equal("SELECT 1", page.FindAll(".grid .row > span")[1].TextContent));
    }

    [Fact]
    public async Task A_cut_result_says_so()
    {
        engine.Answer = _ => Task.FromResult(Rows(["a"], [1]) with { Truncated = true });
        var page = Render<SqlQuery>();
        await page.Find(".run").ClickAsync();
        page.WaitForAssertion(() => Assert.StartsWith("first 1 rows, more exist", page.Find(".state").TextContent.Trim(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_error_shows_its_place_escaped_and_its_repair_runs_while_the_old_rows_stay()
    {
        engine.Answer = _ => Task.FromResult(Rows(["old"], [1]));
        var page = Render<SqlQuery>();
        await page.Find(".run").ClickAsync();
        page.WaitForAssertion(() => Assert.Single(page.FindAll(".grid .row")));
        const string Wrong = "SELECT\n  '<img src=x>', respone_time\nFROM logs";
        engine.Answer = request => request.Sql == Wrong
            ? Task.FromException<QueryResult>(new QueryException("UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703", "No `respone_time` <script>.")
            {
                Start = Wrong.IndexOf("respone", StringComparison.Ordinal), Length = 12, Line = 2, Column = 18, Suggestions = ["response_time"],
            })
            : Task.FromResult(Rows([request.Sql], [2]));
        await page.InvokeAsync(() => Navigation.NavigateTo("/query?run=1&sql=" + Uri.EscapeDataString(Wrong)));
        page.WaitForAssertion(() => Assert.Equal("UNRESOLVED_COLUMN.WITH_SUGGESTION", page.Find(".error header b").TextContent));
        Assert.Equal(new string(' ', 17) + "^^^^^^^^^^^^", page.Find(".error .caret span").TextContent);
        Assert.Equal("respone_time", page.Find(".error .lines b").TextContent);
        Assert.Contains("SQLSTATE 42703", page.Find(".error .place").TextContent, StringComparison.Ordinal);
        Assert.Contains("line 2, column 18", page.Find(".error .place").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll(".error script, .error img"));
        Assert.Equal("Last result", page.Find(".old b").TextContent);
        Assert.Equal("old", page.FindAll(".grid .row > span")[1].TextContent);
        await page.Find(".error .primary").ClickAsync();
        page.WaitForAssertion(() => Assert.Equal(Wrong.Replace("respone_time", "response_time", StringComparison.Ordinal), page.FindAll(".grid .row > span")[1].TextContent));
        Assert.Empty(page.FindAll(".error"));
    }

    [Fact]
    public async Task Explain_shows_the_plan_and_an_error_keeps_its_place_in_the_statement()
    {
        engine.Answer = request => Task.FromResult(Plan(request.Sql));
        Navigation.NavigateTo("/query?sql=SELECT%20status%0AFROM%20logs");
        var page = Render<SqlQuery>();
        await page.FindAll(".toolbar button").Single(button => button.TextContent == "Explain").ClickAsync();
        page.WaitForAssertion(() => Assert.Equal("EXPLAIN\nSELECT status\nFROM logs", page.Find(".plan").TextContent));
        engine.Answer = _ => Task.FromException<QueryResult>(new QueryException("UNRESOLVED_COLUMN", "42703", "No `status`.") { Start = 15, Length = 6, Line = 2, Column = 8 });
        await page.FindAll(".toolbar button").Single(button => button.TextContent == "Explain").ClickAsync();
        page.WaitForAssertion(() => Assert.Equal("status", page.Find(".error .lines b").TextContent));
        Assert.Contains("line 1, column 8", page.Find(".error .place").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancel_ends_the_statement()
    {
        var begun = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        engine.Wait = async token =>
        {
            begun.SetResult();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            }
            finally
            {
                ended.SetResult();
            }
        };
        var page = Render<SqlQuery>();
        var run = page.Find(".run").ClickAsync();
        await begun.Task.WaitAsync(TestContext.Current.CancellationToken);
        page.WaitForAssertion(() => Assert.Contains("Running", page.Find(".state").TextContent, StringComparison.Ordinal));
        await page.Find(".cancel").ClickAsync();
        await ended.Task.WaitAsync(TestContext.Current.CancellationToken);
        await run;
        page.WaitForAssertion(() => Assert.Contains("Cancelled", page.Find(".state").TextContent, StringComparison.Ordinal));
        Assert.False(page.Find(".run").HasAttribute("disabled"));
    }

    [Fact]
    public void A_statement_too_long_for_an_address_stays_out_of_it()
    {
        Assert.Equal("/query", new QueryLink("SELECT '" + new string('x', QueryLink.Longest) + "'", true).ToUrl());
        var link = new QueryLink("SELECT 'ä&b=1#c'\nFROM logs", true);
        Assert.Equal(link, QueryLink.Read(new Uri("http://localhost" + link.ToUrl())));
    }

    private static void Add(IServiceCollection services, StagedEngine engine)
    {
        services.AddMetrics();
        services.AddSingleton<ITableCatalog>(new OneTable());
        services.AddSingleton(provider =>
        {
            var options = Options.Create(new QueryOptions());
            var events = new QueryEvents(NullLogger<QueryEvents>.Instance, provider.GetRequiredService<IMeterFactory>());
            return new QueryService([engine], new QueryHistory(options, events), options, events, provider.GetRequiredService<TimeProvider>());
        });
    }

    private static QueryResult Rows(string?[] names, long[] numbers)
    {
        var schema = new Schema([new Field("endpoint", Apache.Arrow.Types.StringType.Default, true), new Field("n", Int64Type.Default, true)], null);
        var batch = new RecordBatch(schema, [new StringArray.Builder().AppendRange(names).Build(), new Int64Array.Builder().AppendRange(numbers).Build()], names.Length);
        return new QueryResult(
            [new QueryColumn("endpoint", DataTypes.String), new QueryColumn("n", DataTypes.Long)], [batch], false, TimeSpan.FromMilliseconds(118), "embedded", [new TableVersion("logs", 412, Begin)]);
    }

    private static QueryResult Plan(string text)
    {
        var batch = new RecordBatch(new Schema([new Field("plan", Apache.Arrow.Types.StringType.Default, true)], null), [new StringArray.Builder().Append(text).Build()], 1);
        return new QueryResult([new QueryColumn("plan", DataTypes.String)], [batch], false, TimeSpan.FromMilliseconds(2), "embedded", []);
    }

    private sealed class StagedEngine : IQueryEngine
    {
        public string Name => "embedded";

        public Func<QueryRequest, Task<QueryResult>> Answer { get; set; } = _ => Task.FromResult(Rows([], []));

        public Func<CancellationToken, Task> Wait { get; set; } = _ => Task.CompletedTask;

        public async Task<QueryResult> ExecuteAsync(QueryRequest request, CancellationToken cancellationToken)
        {
            await Wait(cancellationToken);
            return await Answer(request);
        }
    }

    private sealed class OneTable : ITableCatalog
    {
        private readonly TableSnapshot logs = new(
            "logs", "", 412, Begin, new StructType([new StructField("timestamp", DataTypes.Timestamp), new StructField("date", DataTypes.Date)]), ["date"], []) { RowCount = 12_345, SizeBytes = 92_400_000 };

        public IReadOnlyList<string> Tables => ["logs"];

        public string Root => "";

        public ValueTask<TableSnapshot?> FindAsync(string table, CancellationToken cancellationToken) => ValueTask.FromResult<TableSnapshot?>(logs);

        public ValueTask<TableSnapshot> ReadVersionAsync(string table, long version, CancellationToken cancellationToken) => ValueTask.FromResult(logs);
    }
}
